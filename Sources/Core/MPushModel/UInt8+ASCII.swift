extension UInt8 {
    /// An ASCII digit.
    package var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

    /// An ASCII letter of either case.
    package var isLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) }

    /// An ASCII letter or digit.
    package var isLetterOrDigit: Bool { isDigit || isLetter }

    /// An ASCII digit, or a letter from a to f of either case.
    package var isHexadecimalDigit: Bool { isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self | 0x20) }
}

/// The mark that editors put before a text to say how it is encoded (Unicode Standard, section 23.8). It is no part of
/// what the text says.
package enum ByteOrderMark {
    /// U+FEFF in UTF-8. UTF-8 has no order of bytes: the mark says nothing and is left out.
    case utf8
    /// U+FEFF in UTF-16, in either order.
    case utf16

    /// The mark that `bytes` begin with; nil for none.
    package init?(startOf bytes: some Collection<UInt8>) {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            self = .utf8
        } else if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            self = .utf16
        } else {
            return nil
        }
    }

    /// Bytes of the mark.
    package var length: Int {
        switch self {
        case .utf8: 3
        case .utf16: 2
        }
    }
}
