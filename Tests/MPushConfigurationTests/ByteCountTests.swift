import MPushConfiguration
import MPushModel
import Testing

@Suite struct ByteCountTests {
    @Test(arguments: [
        ("0", 0), ("4096", 4096), ("512B", 512), ("10KiB", 10_240), ("1MiB", 1_048_576), ("2GiB", 2_147_483_648),
        ("9223372036854775807", Int.max),
    ])
    func isRead(text: String, bytes: Int) throws {
        #expect(try ByteCount.parse(text) == bytes)
    }

    @Test(arguments: [
        ("64kB", "is not a size. Write 64KiB (KiB, MiB and GiB count in steps of 1024)"),
        ("1 MB", "is not a size. Write 1MiB (KiB, MiB and GiB count in steps of 1024)"),
        ("1g", "is not a size. Write 1GiB (KiB, MiB and GiB count in steps of 1024)"),
        ("10 b", "is not a size. Write 10B"), ("10 ", "is not a size. Write 10B"),
        ("9223372036854775808", "is too large for any limit here"),
        ("9007199254740992KiB", "is too large for any limit here"),
        ("99999999999999999999999999GiB", "is too large for any limit here"),
        ("1.5MiB", "is not a size. Write a whole number and B, KiB, MiB or GiB: 4KiB or 1MiB"),
        ("-1", "is not a size. Write a whole number and B, KiB, MiB or GiB: 4KiB or 1MiB"),
        ("", "is not a size. Write a whole number and B, KiB, MiB or GiB: 4KiB or 1MiB"),
        ("big", "is not a size. Write a whole number and B, KiB, MiB or GiB: 4KiB or 1MiB"),
        ("1TiB", "is not a size. Write a whole number and B, KiB, MiB or GiB: 4KiB or 1MiB"),
    ])
    func isCorrected(text: String, message: String) {
        #expect(throws: Misspelling(message)) { try ByteCount.parse(text) }
    }

    @Test(arguments: [
        (0, "0B"), (1, "1B"), (1000, "1000B"), (1024, "1KiB"), (1536, "1536B"), (10 << 20, "10MiB"), (1 << 30, "1GiB"),
    ])
    func isSpelledAsItIsRead(bytes: Int, text: String) throws {
        #expect(ByteCount.spelled(bytes) == text)
        #expect(try ByteCount.parse(text) == bytes)
    }
}
