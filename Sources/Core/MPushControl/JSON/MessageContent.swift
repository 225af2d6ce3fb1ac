/// Bytes that are text most of the time: in JSON a string where they are UTF-8, else base64.
package struct MessageContent: Equatable, Sendable {
    package let bytes: [UInt8]

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The UTF-8 of `text`.
    package init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// The bytes as text; nil where they are not UTF-8.
    package var text: String? { String(validating: bytes, as: UTF8.self) }
}
