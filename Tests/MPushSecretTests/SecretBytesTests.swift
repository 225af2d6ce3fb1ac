import MPushSecret
import Testing

@Suite struct SecretBytesTests {
    @Test func neverPrintsWhatItHolds() {
        let secret = SecretBytes([0x41, 0x42, 0x43])
        var dumped = ""
        dump(secret, to: &dumped)
        for text in ["\(secret)", String(describing: secret), String(reflecting: secret), dumped] {
            #expect(text.contains("<redacted>"))
            #expect(!text.contains("65"))
        }
    }

    @Test func isEqualByContent() {
        #expect(SecretBytes([1, 2, 3]) == SecretBytes([1, 2, 3]))
        #expect(SecretBytes([1, 2, 3]) != SecretBytes([1, 2, 4]))
        #expect(SecretBytes([1, 2, 3]) != SecretBytes([1, 2]))
        #expect(SecretBytes([]) == SecretBytes([]))
    }

    @Test func mixesByXor() {
        #expect(SecretBytes([0xF0, 0x0F]).xored(with: SecretBytes([0xFF, 0xFF])) == SecretBytes([0x0F, 0xF0]))
        #expect(SecretBytes([1]).xored(with: SecretBytes([1, 2])) == nil)
    }

    @Test func isFilledInPlace() {
        let secret = SecretBytes(count: 4) { buffer in buffer[3] = 9 }
        #expect(secret.exposed == [0, 0, 0, 9])
    }
}
