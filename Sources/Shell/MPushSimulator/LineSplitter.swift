/// Cuts what is typed into lines. A line that is too long is cut.
package struct LineSplitter: Sendable {
    /// The longest line, in bytes.
    package static let maximumLength = 64 * 1024

    private var pending: [UInt8] = []

    package init() {}

    /// The lines that are whole with `bytes`.
    package mutating func append(_ bytes: some Sequence<UInt8>) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                lines.append(take())
            } else if pending.count < Self.maximumLength {
                pending.append(byte)
            }
        }
        return lines
    }

    /// What is left without a line feed at the end; nil for nothing.
    package mutating func end() -> String? {
        pending.isEmpty ? nil : take()
    }

    private mutating func take() -> String {
        defer { pending.removeAll() }
        return String(decoding: pending, as: UTF8.self)
    }
}
