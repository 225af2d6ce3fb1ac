package import MPushModel
package import NIOCore

/// A body that has fields: what a frame says once it is decrypted and inflated (PROTOCOL.md section 4).
package protocol PacketBody: Equatable, Sendable {
    /// Reads the fields in their order. Throws `truncatedBody` or `badValue`.
    init(from reader: inout BodyReader) throws(WireError)

    /// Writes the fields in their order.
    func write(to writer: inout BodyWriter)
}

extension PacketBody {
    /// The body that `bytes` hold; `command` is for the words of errors.
    package init(decoding bytes: ByteBuffer, of command: Command) throws(WireError) {
        var reader = BodyReader(bytes, of: command)
        try self.init(from: &reader)
    }

    /// The body as plain bytes.
    package var encoded: ByteBuffer {
        var writer = BodyWriter()
        write(to: &writer)
        return writer.body
    }
}

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

    /// A field of text for people: no more of it than `String.longestKept` bytes is made text at all, however much came.
    package mutating func readWords(_ field: String) throws(WireError) -> String {
        let bytes = try readBytes(field)
        guard bytes.readableBytes > String.longestKept else { return String(buffer: bytes) }
        // One byte more than fits, so that the cut shows.
        return String(decoding: bytes.readableBytesView.prefix(String.longestKept + 1), as: UTF8.self).bounded()
    }

    package mutating func readSecret(_ field: String) throws(WireError) -> SecretBytes {
        SecretBytes(try readBytes(field).readableBytesView)
    }

    private func truncated(_ field: String) -> WireError { .truncatedBody(command, field: field) }
}

/// Writes the fields of a body in their order (PROTOCOL.md section 2).
package struct BodyWriter {
    /// The length that says that four more bytes of length follow.
    static let longestShort = 32_767

    /// What was written so far.
    package private(set) var body = ByteBuffer()

    package init() {}

    package mutating func writeInteger(_ value: some FixedWidthInteger) {
        body.writeInteger(value)
    }

    /// Milliseconds in an int32, held to what it can say.
    package mutating func writeDuration(_ duration: Duration) {
        body.writeInteger(Int32(clamping: duration.wholeMilliseconds))
    }

    package mutating func writeBytes(_ bytes: ByteBuffer) {
        writeLength(bytes.readableBytes)
        body.writeImmutableBuffer(bytes)
    }

    package mutating func writeString(_ text: String) {
        writeLength(text.utf8.count)
        body.writeString(text)
    }

    package mutating func writeSecret(_ secret: SecretBytes) {
        writeLength(secret.count)
        secret.forEach { body.writeInteger($0) }
    }

    private mutating func writeLength(_ length: Int) {
        if length < BodyWriter.longestShort {
            body.writeInteger(Int16(truncatingIfNeeded: length))
        } else {
            body.writeInteger(Int16.max)
            body.writeInteger(Int32(clamping: length - BodyWriter.longestShort))
        }
    }
}
