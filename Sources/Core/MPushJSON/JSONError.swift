/// Why bytes are not the JSON that they should be.
package struct JSONError: Error, Equatable, Sendable {
    /// Where, in bytes from the begin.
    package let offset: Int
    /// What is wrong, in words that follow "is not JSON: ".
    package let message: String

    package init(at offset: Int, _ message: String) {
        self.offset = offset
        self.message = message
    }
}

extension JSONError: CustomStringConvertible {
    package var description: String { "not JSON: \(message) at byte \(offset)" }
}
