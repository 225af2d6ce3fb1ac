import Foundation
import MPushCipher
import MPushTestSupport
import NIOCore
import Testing

@Suite struct RSAKeyTextTests {
    private static let base64 = SampleKeys.publicKey.split(separator: "\n").dropFirst().dropLast().joined()

    private func expectMalformed(
        _ text: String, saying words: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = #expect(throws: CipherError.self, sourceLocation: sourceLocation) { try RSAPublicKey(text) }
        #expect(error?.code == "malformed-key", sourceLocation: sourceLocation)
        #expect(
            error?.description.contains(words) == true, "\(String(describing: error))", sourceLocation: sourceLocation)
    }

    @Test func readsTheKeyHoweverItIsWritten() throws {
        let key = try RSAPublicKey(SampleKeys.publicKey)
        #expect(key.base64 == Self.base64)
        let texts = [
            Self.base64, "\n  \(Self.base64)  \n", SampleKeys.publicKey.replacing("\n", with: "\r\n"),
            "\n\n\(SampleKeys.publicKey)\n\n", String(SampleKeys.publicKey.dropLast()),
            SampleKeys.publicKey.replacing("\n", with: " \n\n"), "\u{FEFF}\(SampleKeys.publicKey)",
            "\u{FEFF}\r\n\(Self.base64)", Self.base64.map { "\($0)\n" }.joined(),
        ]
        for text in texts {
            #expect(try RSAPublicKey(text) == key)
            #expect(try RSAPublicKey(Array(text.utf8)).fingerprint == key.fingerprint)
        }
    }

    @Test func saysWhatItWasGivenInstead() {
        expectMalformed(SampleKeys.privateKey, saying: "this is a private key")
        expectMalformed(SampleKeys.traditionalPrivateKey, saying: "this is a private key")
        expectMalformed(SampleKeys.certificate, saying: "this is a certificate")
        expectMalformed(SampleKeys.traditionalPublicKey, saying: "PKCS#1")
        expectMalformed(SampleKeys.ed25519PublicKey, saying: "not an RSA key (it is ED25519)")
        expectMalformed(SampleKeys.traditionalPrivateKeyWithHeaders, saying: "header lines")
    }

    @Test func saysItOfBareBase64Too() throws {
        let bare = { (pem: String) in pem.split(separator: "\n").dropFirst().dropLast().joined() }
        expectMalformed(bare(SampleKeys.privateKey), saying: "this is a private key")
        expectMalformed(try PacketVectors.load().keys.privateKey, saying: "this is a private key")
        expectMalformed(bare(SampleKeys.certificate), saying: "this is a certificate")
        expectMalformed(bare(SampleKeys.traditionalPublicKey), saying: "PKCS#1")
    }

    @Test func refusesWhatIsNoKey() {
        expectMalformed("", saying: "empty")
        expectMalformed(" \n", saying: "empty")
        expectMalformed("-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----", saying: "empty")
        expectMalformed("/etc/mpushd/server-rsa.pem", saying: "neither PEM nor base64")
        expectMalformed("AAAA", saying: "not of a key")
        expectMalformed(SampleKeys.publicKey.replacing("PUBLIC KEY", with: "DH PARAMETERS"), saying: "DH PARAMETERS")
        expectMalformed(String(repeating: "A", count: 100_000), saying: "too many")
        expectMalformed("-----BEGIN PUBLIC KEY-----", saying: "does not end")
        expectMalformed(SampleKeys.publicKey.replacing("END PUBLIC", with: "END PRIVATE"), saying: "does not end")
        expectMalformed("-----BEGIN-----", saying: "first line")
        expectMalformed(SampleKeys.publicKey + SampleKeys.publicKey, saying: "more than one PEM block")
        expectMalformed("# our key\n" + SampleKeys.publicKey, saying: "something stands before -----BEGIN")
        expectMalformed("mp.security.public-key=\"\(Self.base64)\"", saying: "a line of a server's configuration")
        expectMalformed("ssh-rsa AAAAB3NzaC1yc2E= me@desk", saying: "SSH")
    }

    @Test func refusesUTF16AndSaysSo() {
        let units = Array(SampleKeys.publicKey.utf16)
        let little = units.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        let big = units.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        for bytes in [[0xFF, 0xFE] + little, [0xFE, 0xFF] + big] {
            let error = #expect(throws: CipherError.self) { try RSAPublicKey(bytes) }
            #expect(error?.description.contains("UTF-16") == true)
        }
    }

    /// An error is for people's eyes: what a file says of itself is shown in part, or not at all.
    @Test func repeatsNoLabelThatIsNotFitForIt() {
        for label in ["\u{1B}[31mX", String(repeating: "X", count: 65)] {
            let text = "-----BEGIN \(label)-----\nAAAA\n-----END \(label)-----\n"
            expectMalformed(text, saying: "the first line of the PEM is not")
        }
    }

    @Test func refusesBinary() throws {
        let der = try RSAPublicKey(SampleKeys.publicKey).der
        for bytes in [der, [0x0A] + der, [0x20, 0x0D, 0x0A] + der, [0xEF, 0xBB, 0xBF] + der] {
            let error = #expect(throws: CipherError.self) { try RSAPublicKey(bytes) }
            #expect(error?.description.contains("binary") == true)
        }
    }

    @Test func refusesBytesAfterTheKey() throws {
        let key = try RSAPublicKey(SampleKeys.publicKey)
        #expect(throws: CipherError.self) { try RSAPublicKey(key.base64 + "AAAA") }
    }

    @Test func survivesEveryTruncationAndDamage() throws {
        for count in 0..<SampleKeys.publicKey.utf8.count - 1 {
            #expect(throws: CipherError.self) { try RSAPublicKey(String(SampleKeys.publicKey.prefix(count))) }
        }
        let der = try RSAPublicKey(SampleKeys.publicKey).der
        for seed in UInt64(0)..<2000 {
            let noise = sampleBytes(2, seed: seed)
            var damaged = der
            damaged[Int(noise[0]) % der.count] = noise[1]
            _ = try? RSAPublicKey(Data(damaged).base64EncodedString()).encrypt(ByteBuffer(string: "text"))
        }
    }

    @Test func readsPrivateKeys() throws {
        let texts = [SampleKeys.privateKey, SampleKeys.traditionalPrivateKey]
        for text in texts {
            let key = try RSAPrivateKey(pem: text)
            #expect(try key.publicKey == RSAPublicKey(SampleKeys.publicKey))
            let plain = ByteBuffer(bytes: sampleBytes(200))
            #expect(try key.decrypt(RSAPublicKey(SampleKeys.publicKey).encrypt(plain)) == plain)
        }
        for text in [SampleKeys.publicKey, SampleKeys.certificate, SampleKeys.traditionalPrivateKeyWithHeaders, ""] {
            #expect(throws: CipherError.self) { try RSAPrivateKey(pem: text) }
        }
    }
}
