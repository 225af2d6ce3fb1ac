import MPushCipher
import MPushModel
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

    /// With k bytes of modulus: k - 11 to k.
    @Test(arguments: [1024, 1032, 1536, 2048, 3072, 4096])
    func encryptsBlocksOfTheKeysSize(bits: Int) throws {
        let key = try RSAPrivateKey.generate(bits: bits)
        #expect(key.publicKey.bits == bits)
        let (plainSize, sealedSize) = (bits / 8 - 11, bits / 8)
        let all = ByteBuffer(bytes: sampleBytes(5000))
        let edges = (1...3).flatMap { blocks in [-1, 0, 1].map { blocks * plainSize + $0 } }
        for size in [0, 1, 5000] + edges {
            let plain = try #require(all.getSlice(at: 0, length: size))
            let sealed = try key.publicKey.encrypt(plain)
            #expect(sealed.readableBytes == (size + plainSize - 1) / plainSize * sealedSize)
            #expect(try key.decrypt(sealed) == plain)
        }
    }

    @Test(arguments: [-8, 0, 512, 1016, 1023, 1025, 2044, 4095, 4104, 1 << 40])
    func makesNoKeyOfAnotherSize(bits: Int) {
        #expect(!RSAPublicKey.canHave(bits: bits))
        #expect(throws: CipherError.wrongRSAKeySize(bits: bits)) { try RSAPrivateKey.generate(bits: bits) }
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
        let long = [UInt8](repeating: 0xFF, count: 513)
        for modulus in [nothing, [3], long, [UInt8](repeating: 0xFF, count: 256)] {
            #expect(throws: CipherError.self) {
                try RSAPrivateKey(modulus: modulus, publicExponent: [1, 0, 1], privateExponent: SecretBytes(modulus))
            }
        }
    }
}
