import MPushModel
import MPushTestSupport
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

    @Test func keepsAsManyBytesAsWereFilledIn() {
        let secret = SecretBytes(upTo: 8) { buffer in
            buffer[0] = 7
            buffer[1] = 8
            buffer[2] = 9
            return 2
        }
        #expect(secret.exposed == [7, 8])
        #expect(SecretBytes(upTo: 0) { _ in 5 }.count == 0)
        #expect(SecretBytes(upTo: -1) { _ in -1 }.count == 0)
    }

    @Test func aSliceIsClampedToWhatThereIs() {
        let secret = SecretBytes([1, 2, 3, 4])
        #expect(secret.slice(1..<3).exposed == [2, 3])
        #expect(secret.slice(-5..<2).exposed == [1, 2])
        #expect(secret.slice(3..<99).exposed == [4])
        #expect(secret.slice(9..<10).count == 0)
    }

    /// What malloc(3) itself writes to the start of memory that is freed would hide a copy: the needle stands behind.
    private static let margin = 128

    private static func fill(_ buffer: UnsafeMutableRawBufferPointer, with needle: ProcessMemory.Needle) {
        for index in 0..<needle.count { buffer[margin + index] = needle[index] }
    }

    /// Looks at the memory itself, where a copy would be left over.
    @Test func isWipedWhenTheLastHolderLetsGo() throws {
        let needle = ProcessMemory.Needle(count: 48)
        let count = needle.count + 2 * Self.margin
        var secret: SecretBytes? = SecretBytes(count: count) { Self.fill($0, with: needle) }
        var others: [SecretBytes]? = try [
            #require(secret).slice(0..<count),
            #require(secret?.xored(with: SecretBytes(repeatElement(0, count: count)))),
            SecretBytes(upTo: 4096) { buffer in
                Self.fill(buffer, with: needle)
                return count
            },
        ]
        #expect(others?.count == 3)
        #expect(try #require(ProcessMemory.occurrences(of: needle)) >= 4)
        others = nil
        secret = nil
        #expect(ProcessMemory.occurrences(of: needle) == 0)
    }

    @Test func isWipedWhenItCouldNotBeFilled() {
        struct Failure: Error {}
        let needle = ProcessMemory.Needle(count: 48)
        #expect(throws: Failure.self) {
            try SecretBytes(upTo: needle.count + 2 * Self.margin) { buffer throws(Failure) in
                Self.fill(buffer, with: needle)
                throw Failure()
            }
        }
        #expect(ProcessMemory.occurrences(of: needle) == 0)
    }
}
