package import MPushWire
package import NIOCore

/// A frame on its way to a client, its body still plain.
package struct PlainFrame: Equatable, Sendable {
    package let command: Command
    /// The ack flags, where it is a push; CRYPTO and COMPRESS are added when the body is sealed.
    package let flags: PacketFlags
    package let number: Int32
    package let body: ByteBuffer
    /// Whether the body is encrypted with the connection's current cipher. PROTOCOL.md section 5 has the list.
    package let isSealed: Bool

    package init(
        _ command: Command, flags: PacketFlags = [], number: Int32, body: ByteBuffer = ByteBuffer(), isSealed: Bool
    ) {
        self.command = command
        self.flags = flags
        self.number = number
        self.body = body
        self.isSealed = isSealed
    }

    static func raw(_ command: Command, answering header: RequestHeader, _ body: some PacketBody) -> PlainFrame {
        PlainFrame(command, number: header.number, body: body.encoded, isSealed: false)
    }

    static func sealed(
        _ command: Command, answering header: RequestHeader, _ body: some PacketBody
    ) -> PlainFrame {
        PlainFrame(command, number: header.number, body: body.encoded, isSealed: true)
    }

    /// The user was bound elsewhere; always number 0 (PROTOCOL.md section 5).
    static func kick(device: String, user: String) -> PlainFrame {
        PlainFrame(
            .kick, number: 0, body: KickMessage(deviceID: device, userID: user).encoded, isSealed: true)
    }
}
