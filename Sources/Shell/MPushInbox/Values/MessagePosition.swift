/// A message's place in the inbox: they are counted up in the order in which they were stored, and never used twice.
package struct MessagePosition: Hashable, Sendable {
    package let rawValue: Int64

    /// Before the first.
    package static let start = MessagePosition(rawValue: 0)

    /// No position in a file that is an inbox lies beyond: a million messages a second take 36,000 years.
    static let highest: Int64 = 1 << 60

    package init(rawValue: Int64) {
        self.rawValue = rawValue
    }
}

extension MessagePosition: Comparable {
    package static func < (left: MessagePosition, right: MessagePosition) -> Bool { left.rawValue < right.rawValue }
}
