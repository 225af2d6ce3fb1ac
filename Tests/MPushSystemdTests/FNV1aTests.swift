import MPushSystemd
import Testing

@Suite struct FNV1aTests {
    /// Values of RFC 9923.
    @Test(
        arguments: [
            ("", 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d), ("a", 0xd228_cb69_6f1a_8caf_7891_2b70_4e4a_8964),
            ("foobar", 0x343e_1662_793c_64bf_6f0d_3597_ba44_6f18),
        ] as [(String, UInt128)])
    func hashesAsPublished(text: String, value: UInt128) {
        var hash = FNV1a()
        hash.feed(text.utf8)
        #expect(hash.value == value)
    }
}
