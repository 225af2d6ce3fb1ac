import MPushCipher
import MPushSecret
import MPushTestSupport
import NIOCore
import Testing

@Suite struct RSAKeyTests {
    @Test func decryptsTheVectors() throws {
        let key = try PacketVectors.load().keys.makePrivateKey()
        let vectors = try CryptoVectors.load().rsa
        #expect(!vectors.isEmpty)
        for vector in vectors {
            let sealed = try buffer(hex: vector.cipher)
            #expect(sealed.readableBytes == vector.blocks * 128)
            #expect(try key.decrypt(sealed) == buffer(hex: vector.plain))
        }
    }

    @Test func encryptsBlocksOf117To128() throws {
        let key = try RSAPrivateKey.generate()
        let all = ByteBuffer(bytes: sampleBytes(5000))
        for size in [0, 1, 116, 117, 118, 233, 234, 235, 351, 352, 5000] {
            let plain = try #require(all.getSlice(at: 0, length: size))
            let sealed = try key.publicKey.encrypt(plain)
            #expect(sealed.readableBytes == (size + 116) / 117 * 128)
            #expect(try key.decrypt(sealed) == plain)
        }
    }

    @Test func encryptsDifferentlyEachTime() throws {
        let key = try RSAPrivateKey.generate().publicKey
        let plain = ByteBuffer(string: "the same")
        #expect(try key.encrypt(plain) != key.encrypt(plain))
    }

    @Test func agreesWithTheVectorsKeyPair() throws {
        let keys = try PacketVectors.load().keys
        let pair = try keys.makePrivateKey()
        #expect(try pair.publicKey == RSAPublicKey(keys.publicKey))
        #expect(pair.publicKeyBase64 == keys.publicKey)
        let plain = ByteBuffer(bytes: sampleBytes(300))
        #expect(try pair.decrypt(RSAPublicKey(keys.publicKey).encrypt(plain)) == plain)
    }

    @Test func knowsThePublishedDefault() throws {
        let key = try RSAPublicKey(PacketVectors.load().keys.publicKey)
        #expect(key.isPublishedDefault)
        #expect(key.bits == 1024)
        #expect(
            key.fingerprint.description == "3111a3c1ed963875690509fba7105466ba4596ae44ea0fa26a145a459234baeb")
        #expect(hex(key.fingerprint.bytes) == key.fingerprint.description)
        #expect(try !RSAPrivateKey.generate().publicKey.isPublishedDefault)
    }

    @Test func refusesWhatIsNotWholeBlocks() throws {
        let key = try RSAPrivateKey.generate()
        let sealed = try key.publicKey.encrypt(ByteBuffer(bytes: sampleBytes(200)))
        for count in 1..<sealed.readableBytes where count != 128 {
            let cut = try #require(sealed.getSlice(at: 0, length: count))
            #expect(throws: CipherError.self) { try key.decrypt(cut) }
        }
    }

    /// An OpenSSL with implicit rejection gives random bytes where another gives an error.
    @Test func neverGivesThePlainTextUnderAnotherKey() throws {
        let plain = ByteBuffer(bytes: sampleBytes(100))
        let other = try RSAPrivateKey.generate()
        for _ in 0..<20 {
            let sealed = try RSAPrivateKey.generate().publicKey.encrypt(plain)
            do throws(CipherError) {
                let opened = try other.decrypt(sealed)
                #expect(opened != plain)
            } catch {
                #expect(error.code == "decryption-failed")
            }
        }
    }

    @Test func refusesNumbersThatMakeNoKey() throws {
        let nothing: [UInt8] = []
        let long = [UInt8](repeating: 0xFF, count: 257)
        for modulus in [nothing, [3], long, [UInt8](repeating: 0xFF, count: 256)] {
            #expect(throws: CipherError.self) {
                try RSAPrivateKey(modulus: modulus, publicExponent: [1, 0, 1], privateExponent: SecretBytes(modulus))
            }
        }
    }
}
