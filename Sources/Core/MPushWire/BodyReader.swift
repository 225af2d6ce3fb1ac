package import MPushSecret
package import NIOCore

/// Reads the fields of a body in their order (PROTOCOL.md section 2). Bytes that are left over at the end are ignored,
/// as the peers ignore them.
package struct BodyReader {
    private let command: Command
    private var bytes: ByteBuffer

    /// A reader at the first field of `body`; `command` is for the words of errors.
    package init(_ body: ByteBuffer, of command: Command) {
        bytes = body
        self.command = command
    }

    package mutating func readInteger<Value: FixedWidthInteger>(
        _ field: String, as type: Value.Type = Value.self
    ) throws(WireError) -> Value {
        guard let value = bytes.readInteger(as: Value.self) else { throw truncated(field) }
        return value
    }

    /// Milliseconds in an int32.
    package mutating func readDuration(_ field: String) throws(WireError) -> Duration {
        .milliseconds(Int64(try readInteger(field, as: Int32.self)))
    }

    /// A field with a length of its own: null and empty are the same.
    package mutating func readBytes(_ field: String) throws(WireError) -> ByteBuffer {
        var length = Int(try readInteger(field, as: Int16.self))
        if length == BodyWriter.longestShort {
            let more = Int(try readInteger(field, as: Int32.self))
            guard more >= 0 else { throw truncated(field) }
            length += more
        }
        guard length >= 0, let slice = bytes.readSlice(length: length) else { throw truncated(field) }
        return slice
    }

    /// A field of UTF-8 text. What is not UTF-8 becomes U+FFFD.
    package mutating func readString(_ field: String) throws(WireError) -> String {
        String(buffer: try readBytes(field))
    }

    package mutating func readSecret(_ field: String) throws(WireError) -> SecretBytes {
        SecretBytes(try readBytes(field).readableBytesView)
    }

    private func truncated(_ field: String) -> WireError { .truncatedBody(command, field: field) }
}
