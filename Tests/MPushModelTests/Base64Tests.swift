import MPushTestSupport
import Testing

@testable import MPushModel

@Suite struct Base64Tests {
    /// RFC 4648 section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func agreesWithTheStandard(plain: String, text: String) {
        #expect(Base64.encode(Array(plain.utf8)) == text)
        #expect(Base64.decode(text) == Array(plain.utf8))
        #expect(Base64.decodeSecret(text.utf8)?.exposed == Array(plain.utf8))
    }

    @Test func givesBackWhatItEncoded() {
        for count in 0...200 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ count) }
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
            #expect(Base64.decodeSecret(Base64.encode(bytes).utf8)?.exposed == bytes)
        }
    }

    @Test func onlySecretsMayHoldWhiteSpace() {
        #expect(Base64.decodeSecret(" Zm9v\r\n\tYmFy \n".utf8)?.exposed == Array("foobar".utf8))
        #expect(Base64.decode("Zm9v YmFy") == nil)
        #expect(Base64.decode("Zm9vYmFy\n") == nil)
    }

    @Test(arguments: [
        "Z", "Zg", "Zg=", "Zg===", "====", "=", "Z===", "Zm=v", "Zm9v====", "Zm9v!", "Zm9-", "Zh==", "Zm9=",
    ])
    func refusesWhatIsNotBase64(text: String) {
        #expect(Base64.decode(text) == nil)
        #expect(Base64.decodeSecret(text.utf8) == nil)
    }
}
