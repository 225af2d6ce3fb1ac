/// A number that only grows, from the start of the process.
package struct Counter: Equatable, Sendable {
    package private(set) var value: UInt64 = 0

    package init() {}

    /// Counts; at the end of its range it stays there.
    package mutating func count(_ amount: UInt64 = 1) {
        let (sum, isOver) = value.addingReportingOverflow(amount)
        value = isOver ? .max : sum
    }
}
