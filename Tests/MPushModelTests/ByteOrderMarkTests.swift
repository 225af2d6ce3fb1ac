import MPushModel
import Testing

@Suite struct ByteOrderMarkTests {
    @Test(
        arguments: [
            ([], nil), ([0xEF, 0xBB], nil), ([0xEF, 0xBB, 0xBF], .utf8), ([0xEF, 0xBB, 0xBF, 0x41], .utf8),
            ([0xFF], nil), ([0xFF, 0xFE, 0x41, 0], .utf16), ([0xFE, 0xFF, 0, 0x41], .utf16), ([0x41, 0xFF, 0xFE], nil),
        ] as [([UInt8], ByteOrderMark?)])
    func isFoundAtTheStart(bytes: [UInt8], mark: ByteOrderMark?) {
        #expect(ByteOrderMark(startOf: bytes) == mark)
    }
}
