import MPushCipher
import MPushModel
import Testing

@Suite struct SecureRandomTests {
    @Test func givesAsManyBytesAsAskedFor() throws {
        for count in [0, 1, 16, 1000] { #expect(try SecureRandom.bytes(count).count == count) }
        #expect(try SecureRandom.bytes(-1).count == 0)
        #expect(throws: CipherError.self) { try SecureRandom.bytes(.max) }
    }

    @Test func doesNotRepeatItself() throws {
        let drawn = try (0..<100).map { _ in try SecureRandom.bytes(16).exposed }
        #expect(Set(drawn).count == 100)
        #expect(Set((0..<100).map { _ in SecureRandom.seed() }).count == 100)
    }
}
