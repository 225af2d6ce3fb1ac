import MPushModel

/// Bytes as they come: the first byte of an input says how what follows is cut into what single reads bring, the second
/// is for the target.
struct CutBytes {
    let options: UInt8
    /// All of it.
    let whole: [UInt8]
    /// The same in its pieces, none of them empty.
    let pieces: [[UInt8]]

    init(_ input: [UInt8]) {
        let cut = input.first ?? 0
        options = input.count > 1 ? input[1] : 0
        whole = Array(input.dropFirst(2))
        pieces = CutBytes.pieces(of: whole, cut)
    }

    /// 0: all at once; up to 127: so many bytes each; else as chance has it.
    private static func pieces(of bytes: [UInt8], _ cut: UInt8) -> [[UInt8]] {
        var random = SplitMix64(seed: UInt64(cut))
        var pieces: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let length = cut == 0 ? rest.count : cut < 128 ? Int(cut) : Int.random(in: 1...96, using: &random)
            pieces.append(Array(rest.prefix(length)))
            rest = rest.dropFirst(length)
        }
        return pieces
    }
}
