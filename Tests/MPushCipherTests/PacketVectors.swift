import MPushCipher
import MPushModel
import MPushTestSupport
import NIOCore
import Testing

/// The bodies of Fixtures/vectors/packets.json, and the key pair that they were made with.
struct PacketVectors: Decodable {
    struct Keys: Decodable {
        let n: String
        let e: String
        let d: String
        let publicKey: String
        let privateKey: String

        private enum CodingKeys: String, CodingKey {
            case n, e, d
            case publicKey = "rsa_public_key_x509_b64"
            case privateKey = "rsa_private_key_pkcs8_b64"
        }

        /// Built of its three numbers: the PKCS#8 form in the vectors has no primes.
        func makePrivateKey() throws -> RSAPrivateKey {
            try RSAPrivateKey(
                modulus: number(n), publicExponent: number(e), privateExponent: SecretBytes(number(d)))
        }

        /// The vectors leave out leading zeros, half a byte's too.
        private func number(_ digits: String) throws -> [UInt8] {
            try #require(bytes(hex: digits.count.isMultiple(of: 2) ? digits : "0" + digits))
        }
    }

    struct Packet: Decodable {
        let name: String
        let flags: UInt8
        let cipher: String
        let key: String?
        let iv: String?
        let plain: String?
        let frame: String

        private enum CodingKeys: String, CodingKey {
            case name, flags, cipher, key, iv, frame
            case plain = "body_plain"
        }

        var isEncrypted: Bool { flags & 1 != 0 }
        var isCompressed: Bool { flags & 2 != 0 }

        /// The body on the wire: what follows the 13 bytes of header.
        func body() throws -> ByteBuffer {
            ByteBuffer(bytes: try #require(bytes(hex: frame)).dropFirst(13))
        }
    }

    let keys: Keys
    let packets: [Packet]

    static func load() throws -> PacketVectors {
        try Fixture.json("vectors/packets.json")
    }
}
