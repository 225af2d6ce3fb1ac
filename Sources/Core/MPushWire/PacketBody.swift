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
