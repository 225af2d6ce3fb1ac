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
    /// The body is JSON: WebSocket only (PROTOCOL.md section 7).
    package static let jsonBody = PacketFlags(rawValue: 16)
}
