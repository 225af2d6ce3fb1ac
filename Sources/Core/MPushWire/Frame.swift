package import NIOCore

/// One frame as it stands on the wire: the header's fields and the body, still compressed and encrypted as the flags say
/// (PROTOCOL.md section 1).
package struct Frame: Equatable, Sendable {
    /// Bytes of a frame's header.
    package static let headerLength = 13

    /// The single byte that is a heartbeat, in both directions. It is never framed.
    package static let heartbeatByte: UInt8 = 0xDF

    package var command: Command
    package var flags: PacketFlags
    /// The number of the request; an answer repeats it. The client's and the server's numbers overlap.
    package var sessionID: Int32
    package var body: ByteBuffer

    package init(command: Command, flags: PacketFlags = [], sessionID: Int32, body: ByteBuffer = ByteBuffer()) {
        self.command = command
        self.flags = flags
        self.sessionID = sessionID
        self.body = body
    }

    /// Appends header and body to `buffer`. The check values are left 0, as the peers leave them.
    ///
    /// Throws `bodyTooLong` for a body that the header's length field cannot say.
    package func write(to buffer: inout ByteBuffer) throws(WireError) {
        guard let length = Int32(exactly: body.readableBytes) else {
            throw .bodyTooLong(length: body.readableBytes, maximum: Int(Int32.max))
        }
        buffer.reserveCapacity(minimumWritableBytes: Frame.headerLength + body.readableBytes)
        buffer.writeInteger(length)
        buffer.writeInteger(command.rawValue)
        buffer.writeInteger(0, as: UInt16.self)
        buffer.writeInteger(flags.rawValue)
        buffer.writeInteger(sessionID)
        buffer.writeInteger(0, as: UInt8.self)
        buffer.writeImmutableBuffer(body)
    }

    /// The header's `cc`: the sum of the body's bytes as unsigned values, in 16 bits. Nobody sends or checks it.
    package var checkCode: UInt16 {
        body.readableBytesView.reduce(0) { $0 &+ UInt16($1) }
    }

    /// The header's `lrc`: the XOR of its first 12 bytes, with `checkCode` in the `cc` field. Nobody sends or checks it.
    package func longitudinalCheck(checkCode: UInt16) -> UInt8 {
        var header = ByteBuffer()
        header.writeInteger(Int32(truncatingIfNeeded: body.readableBytes))
        header.writeInteger(command.rawValue)
        header.writeInteger(checkCode)
        header.writeInteger(flags.rawValue)
        header.writeInteger(sessionID)
        return header.readableBytesView.reduce(0, ^)
    }
}
