/// `vectors/packets.json`: packets made by the MPush server's own classes.
package struct PacketVectors: Decodable, Sendable {
    package let keys: Keys
    package let packets: [Packet]

    /// The keys with which the packets were made, in hexadecimal digits but for those in base64.
    package struct Keys: Decodable, Sendable {
        package let rsa_public_key_x509_b64: String
        package let n: String
        package let e: String
        package let d: String
        package let clientKey: String
        package let iv: String
        package let serverKey: String
        package let sessionKey: String
    }

    /// One packet: its header, its body plain and on the wire, and the whole frame, in hexadecimal digits.
    package struct Packet: Decodable, Sendable, CustomStringConvertible {
        package let name: String
        package let dir: String
        package let cmd: UInt8
        package let flags: UInt8
        package let sessionId: Int32
        package let cipher: String
        package let key: String?
        package let iv: String?
        package let fields: [String: VectorValue]
        /// Nil where it was not kept.
        package let body_plain: String?
        /// Nil where it was not kept: the frame has it.
        package let body_wire: String?
        package let frame: String
        package let calcCheckCode: UInt16
        package let calcLrc_with_cc0: Int
        package let calcLrc_with_cc: Int

        package var description: String { name }

        /// The body before it was compressed and encrypted, nil where it was not kept.
        package var plainBody: [UInt8]? {
            bytes(hex: body_plain ?? (flags & 3 == 0 ? String(frame.dropFirst(26)) : "?"))
        }
    }

    /// The vectors from the fixtures.
    package static func load() throws -> PacketVectors { try Fixture.json("vectors/packets.json") }
}
