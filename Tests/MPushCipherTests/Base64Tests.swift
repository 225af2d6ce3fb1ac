import MPushSecret
import Testing

@testable import MPushCipher

@Suite struct Base64Tests {
    /// RFC 4648 section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func agreesWithTheStandard(plain: String, text: String) {
        #expect(Base64.encode(Array(plain.utf8)) == text)
        #expect(Base64.decode(text.utf8)?.exposed == Array(plain.utf8))
    }

    @Test func givesBackWhatItEncoded() {
        for count in 0...200 {
            let bytes = sampleBytes(count, seed: UInt64(count))
            #expect(Base64.decode(Base64.encode(bytes).utf8)?.exposed == bytes)
        }
    }

    @Test func skipsWhiteSpace() {
        #expect(Base64.decode(" Zm9v\r\n\tYmFy \n".utf8)?.exposed == Array("foobar".utf8))
    }

    @Test(arguments: [
        "Z", "Zg", "Zg=", "Zg===", "====", "=", "Z===", "Zm=v", "Zm9v====", "Zm9v!", "Zm9-", "Zh==", "Zm9=",
    ])
    func refusesWhatIsNotBase64(text: String) {
        #expect(Base64.decode(text.utf8) == nil)
    }
}
