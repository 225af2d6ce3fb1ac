/// The 128-bit hash FNV-1a: spreads short names well, no secret depends on it.
///
/// Source: RFC 9923, "The FNV Non-Cryptographic Hash Algorithm".
package struct FNV1a {
    private static let prime: UInt128 = 1 << 88 | 0x13b

    /// The hash of what was fed so far.
    package private(set) var value: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d

    /// The hash of nothing.
    package init() {}

    /// Feeds `bytes`, after those fed before.
    package mutating func feed(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { value = (value ^ UInt128(byte)) &* FNV1a.prime }
    }
}
