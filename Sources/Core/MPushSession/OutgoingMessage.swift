package import MPushWire
package import NIOCore

/// A frame to be sent, its body still plain.
package struct OutgoingMessage: Equatable, Sendable {
    /// How the body is protected on its way, beside TLS (PROTOCOL.md section 3).
    package enum Protection: Equatable, Sendable {
        case raw
        /// With the server's public key.
        case rsa
        /// With the keys of the last `useKeys`; compressed first where it is long.
        case aes
    }

    package let command: Command
    /// The flags that ask for an answer; those of the protection are the driver's to add.
    package let flags: PacketFlags
    package let sessionID: Int32
    package let body: ByteBuffer
    package let protection: Protection

    package init(
        command: Command, flags: PacketFlags = [], sessionID: Int32, body: ByteBuffer, protection: Protection
    ) {
        self.command = command
        self.flags = flags
        self.sessionID = sessionID
        self.body = body
        self.protection = protection
    }
}
