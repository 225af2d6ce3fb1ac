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

/// The `flags` byte of a frame's header (PROTOCOL.md section 1). Bits without a name are kept as they came.
package struct PacketFlags: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// The body is encrypted with the connection's current cipher.
    package static let crypto = PacketFlags(rawValue: 1)
    /// The body was compressed (a zlib stream, RFC 1950) before it was encrypted.
    package static let compress = PacketFlags(rawValue: 2)
    /// The receiver's application confirms with ACK.
    package static let bizAck = PacketFlags(rawValue: 4)
    /// The receiver confirms with ACK as soon as it has the message.
    package static let autoAck = PacketFlags(rawValue: 8)
}

/// What a frame is for: the `cmd` byte of its header (PROTOCOL.md section 1).
///
/// Any byte is a command; the ones that the protocol names have a name here, whether a client uses them or not.
package struct Command: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    package static let heartbeat = Command(rawValue: 1)
    package static let handshake = Command(rawValue: 2)
    package static let login = Command(rawValue: 3)
    package static let logout = Command(rawValue: 4)
    package static let bind = Command(rawValue: 5)
    package static let unbind = Command(rawValue: 6)
    package static let fastConnect = Command(rawValue: 7)
    package static let pause = Command(rawValue: 8)
    package static let resume = Command(rawValue: 9)
    package static let error = Command(rawValue: 10)
    package static let ok = Command(rawValue: 11)
    package static let httpProxy = Command(rawValue: 12)
    package static let kick = Command(rawValue: 13)
    package static let gatewayKick = Command(rawValue: 14)
    package static let push = Command(rawValue: 15)
    package static let gatewayPush = Command(rawValue: 16)
    package static let notification = Command(rawValue: 17)
    package static let gatewayNotification = Command(rawValue: 18)
    package static let chat = Command(rawValue: 19)
    package static let gatewayChat = Command(rawValue: 20)
    package static let group = Command(rawValue: 21)
    package static let gatewayGroup = Command(rawValue: 22)
    package static let ack = Command(rawValue: 23)
    package static let nack = Command(rawValue: 24)

    private static let names: [Command: String] = [
        .heartbeat: "HEARTBEAT", .handshake: "HANDSHAKE", .login: "LOGIN", .logout: "LOGOUT", .bind: "BIND",
        .unbind: "UNBIND", .fastConnect: "FAST_CONNECT", .pause: "PAUSE", .resume: "RESUME", .error: "ERROR",
        .ok: "OK", .httpProxy: "HTTP_PROXY", .kick: "KICK", .gatewayKick: "GATEWAY_KICK", .push: "PUSH",
        .gatewayPush: "GATEWAY_PUSH", .notification: "NOTIFICATION", .gatewayNotification: "GATEWAY_NOTIFICATION",
        .chat: "CHAT", .gatewayChat: "GATEWAY_CHAT", .group: "GROUP", .gatewayGroup: "GATEWAY_GROUP", .ack: "ACK",
        .nack: "NACK",
    ]
}

extension Command: CustomStringConvertible {
    /// The protocol's name for the command, or `command 99` where it has none.
    package var description: String { Command.names[self] ?? "command \(rawValue)" }
}
