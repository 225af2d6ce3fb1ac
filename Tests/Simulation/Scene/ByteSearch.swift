/// Text is looked for by its bytes: the standard library compares characters, which was a tenth of all time in worlds with
/// power cuts.
extension Collection<UInt8> where SubSequence: Collection<UInt8> {
    /// Where `part`, which is not empty, comes first.
    func firstRange(ofBytes part: some StringProtocol) -> Range<Index>? {
        let part = Array(part.utf8)
        var start = startIndex
        while let found = self[start...].firstIndex(of: part[0]) {
            if self[found...].starts(with: part) { return found..<index(found, offsetBy: part.count) }
            start = index(after: found)
        }
        return nil
    }
}

extension StringProtocol {
    func containsBytes(of part: some StringProtocol) -> Bool {
        utf8.withContiguousStorageIfAvailable { $0.firstRange(ofBytes: part) != nil }
            ?? (Array(utf8).firstRange(ofBytes: part) != nil)
    }
}
