import MPushCipher
import MPushModel
import NIOCore
import Testing

@Suite struct AESCipherTests {
    private func makeCipher(seed: UInt64 = 7) throws -> AESCipher {
        try AESCipher(key: SecretBytes(sampleBytes(16, seed: seed)), iv: SecretBytes(sampleBytes(16, seed: 8)))
    }

    @Test func agreesWithTheVectors() throws {
        let vectors = try CryptoVectors.load().aes
        #expect(!vectors.isEmpty)
        for vector in vectors {
            let cipher = try AESCipher(key: secret(hex: vector.key), iv: secret(hex: vector.iv))
            let (plain, sealed) = try (buffer(hex: vector.plain), buffer(hex: vector.cipher))
            #expect(try cipher.encrypt(plain) == sealed)
            #expect(try cipher.decrypt(sealed) == plain)
        }
    }

    @Test func mixesTheSessionKeyAsTheVectorsDo() throws {
        for vector in try CryptoVectors.load().mixKey {
            let mixed = try secret(hex: vector.clientKey).xored(with: secret(hex: vector.serverKey))
            #expect(try mixed == secret(hex: vector.sessionKey))
        }
    }

    @Test func givesBackWhatItEncryptedAtEverySize() throws {
        let cipher = try makeCipher()
        let all = ByteBuffer(bytes: sampleBytes(5000))
        for size in Array(0...100) + Array(stride(from: 101, through: 5000, by: 37)) + [5000] {
            let plain = try #require(all.getSlice(at: 5000 - size, length: size))
            let sealed = try cipher.encrypt(plain)
            #expect(sealed.readableBytes == (size / 16 + 1) * 16)
            #expect(try cipher.decrypt(sealed) == plain)
        }
    }

    @Test func startsEachMessageFromTheSameVector() throws {
        let cipher = try makeCipher()
        let plain = ByteBuffer(string: "the same message")
        #expect(try cipher.encrypt(plain) == cipher.encrypt(plain))
    }

    @Test func leavesItsInputAsItWas() throws {
        let cipher = try makeCipher()
        let sealed = try cipher.encrypt(ByteBuffer(bytes: sampleBytes(200)))
        let copy = ByteBuffer(bytes: sealed.readableBytesView)
        _ = try cipher.decrypt(sealed)
        #expect(sealed == copy)
    }

    @Test(arguments: [0, 1, 15, 17, 24, 32])
    func refusesKeysAndVectorsThatAreNotSixteenBytesLong(count: Int) {
        let (right, wrong) = (SecretBytes(sampleBytes(16)), SecretBytes(sampleBytes(count)))
        #expect(throws: CipherError.wrongAESKeySize(bytes: count)) { try AESCipher(key: wrong, iv: right) }
        #expect(throws: CipherError.wrongAESVectorSize(bytes: count)) { try AESCipher(key: right, iv: wrong) }
    }

    @Test func refusesWhatIsNotWholeBlocks() throws {
        let cipher = try makeCipher()
        let sealed = try cipher.encrypt(ByteBuffer(bytes: sampleBytes(100)))
        for count in 0..<sealed.readableBytes where !count.isMultiple(of: 16) || count == 0 {
            let cut = try #require(sealed.getSlice(at: 0, length: count))
            let error = #expect(throws: CipherError.self) { try cipher.decrypt(cut) }
            #expect(error?.code == "decryption-failed")
        }
    }

    /// One wrong key in 256 finds a padding that happens to be right; it must not find the plain text.
    @Test func neverGivesThePlainTextUnderAnotherKey() throws {
        let plain = ByteBuffer(bytes: sampleBytes(100))
        let sealed = try makeCipher().encrypt(plain)
        var refused = 0
        for seed in UInt64(100)..<200 {
            let cipher = try makeCipher(seed: seed)
            do throws(CipherError) {
                let opened = try cipher.decrypt(sealed)
                #expect(opened != plain)
            } catch {
                #expect(error.code == "decryption-failed")
                refused += 1
            }
        }
        #expect(refused > 90)
    }

    @Test func worksOnAfterAFailure() throws {
        let cipher = try makeCipher()
        let plain = ByteBuffer(bytes: sampleBytes(100))
        let sealed = try cipher.encrypt(plain)
        for _ in 0..<3 {
            #expect(throws: CipherError.self) { try cipher.decrypt(ByteBuffer(repeating: 0, count: 16)) }
            #expect(try cipher.decrypt(sealed) == plain)
        }
    }
}
