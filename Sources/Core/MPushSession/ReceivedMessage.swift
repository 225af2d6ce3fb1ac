package import MPushWire
package import NIOCore

/// A message that the server pushed.
package struct ReceivedMessage: Equatable, Sendable {
    /// When the sender wants to hear that we have it (PROTOCOL.md sections 1 and 4.4).
    package enum AckDemand: Equatable, Sendable {
        case never
        /// AUTO_ACK, alone or with BIZ_ACK: as soon as the message is safe with us.
        case whenStored
        /// BIZ_ACK: when the program it is for has confirmed it.
        case whenConsumed
    }

    /// The message's number on this connection. It says nothing about identity across connections.
    package let number: Int32
    /// The content, decrypted and inflated. May be empty.
    package let content: ByteBuffer
    package let ackDemand: AckDemand

    package init(number: Int32, content: ByteBuffer, ackDemand: AckDemand) {
        self.number = number
        self.content = content
        self.ackDemand = ackDemand
    }
}

/// How far a received message has come on its way to a program.
package enum MessageProgress: Equatable, Sendable {
    /// It will not be lost any more.
    case stored
    /// The program that it is for has confirmed it; it is stored as well.
    case consumed
}

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

    /// The length of `body` once AES has encrypted it: filled up to the next multiple of 16 that is greater. A body that
    /// compression would shorten is measured as it is.
    package static func sealedLength(of body: ByteBuffer) -> Int { sealedLength(of: body.readableBytes) }

    /// The same of a body of so many bytes.
    package static func sealedLength(of length: Int) -> Int {
        length == 0 ? 0 : (length / CipherKeys.length + 1) * CipherKeys.length
    }
}
