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
