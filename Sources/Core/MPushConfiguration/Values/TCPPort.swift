/// The number of a TCP port, as people write it.
enum TCPPort {
    /// 1 to 65535 in decimal digits, without sign or leading zero; nil otherwise.
    static func parse(_ text: some StringProtocol) -> UInt16? {
        guard text.utf8.allSatisfy(\.isDigit), !text.hasPrefix("0") else { return nil }
        return UInt16(text)
    }
}
