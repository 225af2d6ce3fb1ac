import MPushTestSupport

/// Fixtures/vectors/crypto.json; all bytes in hexadecimal digits.
struct CryptoVectors: Decodable {
    struct KeyMix: Decodable {
        let clientKey: String
        let serverKey: String
        let sessionKey: String
    }

    struct AES: Decodable {
        let key: String
        let iv: String
        let plain: String
        let cipher: String
    }

    struct RSA: Decodable {
        let plain: String
        let cipher: String
        let blocks: Int
    }

    struct Compressed: Decodable {
        let plain: String
        let compressed: String
    }

    let mixKey: [KeyMix]
    let aes: [AES]
    let rsa: [RSA]
    let zlib: [Compressed]

    private enum CodingKeys: String, CodingKey {
        case mixKey
        case aes = "aes_128_cbc_pkcs5"
        case rsa = "rsa_pkcs1_v15_blocks_of_117"
        case zlib = "compress_zlib"
    }

    static func load() throws -> CryptoVectors {
        try Fixture.json("vectors/crypto.json")
    }
}
