import MPushModel
import MPushTestSupport
import Testing

@testable import MPushCipher

/// The test cases of RFC 4231.
@Suite struct HMACSHA256Tests {
    @Test(arguments: [
        (
            Array(repeating: UInt8(0x0B), count: 20), "Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), "what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            Array(repeating: UInt8(0xAA), count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
    ])
    func agreesWithTheStandard(key: [UInt8], text: String, code: String) throws {
        let made = try HMACSHA256.code(of: Array(text.utf8), key: SecretBytes(key))
        #expect(made.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() == code)
    }

    @Test func nothingCanBeSignedWithNothing() throws {
        let code = try HMACSHA256.code(of: [], key: SecretBytes([]))
        #expect(code.prefix(4) == [0xB6, 0x13, 0x67, 0x9A])
    }
}
