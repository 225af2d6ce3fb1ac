/// Searches in text for the few bytes that mean something in it, eight bytes at a time.
extension RawSpan {
    /// The place of the first line feed at `begin` or after it, or the end.
    package func endOfLine(from begin: Int) -> Int {
        end(from: begin) { word in RawSpan.marks(of: UInt8(ascii: "\n"), word) }
    }

    /// The place of the first byte at `begin` or after it that does not stand for itself in a string of JSON (RFC 8259
    /// section 7): a quotation mark, a backslash, a control character; or the end.
    package func endOfPlainText(from begin: Int) -> Int {
        end(from: begin) { word in
            RawSpan.marks(of: UInt8(ascii: "\""), word) | RawSpan.marks(of: UInt8(ascii: "\\"), word)
                | RawSpan.marks(below: 0x20, word)
        }
    }

    /// The place of the first byte at `begin` or after it that does not go into a string of JSON as it is, or may not, as
    /// `JSONText` writes it: besides those DEL, and what a control character of C1 begins with; or the end.
    func endOfUnescapedText(from begin: Int) -> Int {
        end(from: begin) { word in
            RawSpan.marks(of: UInt8(ascii: "\""), word) | RawSpan.marks(of: UInt8(ascii: "\\"), word)
                | RawSpan.marks(below: 0x20, word) | RawSpan.marks(of: 0x7F, word) | RawSpan.marks(of: 0xC2, word)
        }
    }

    /// - Parameter marks: the top bit of each byte in a word that is looked for. Bits above the lowest may be wrong.
    private func end(from begin: Int, _ marks: (UInt64) -> UInt64) -> Int {
        var index = begin
        while index + 8 <= byteCount {
            let found = marks(UInt64(littleEndian: unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)))
            if found != 0 { return index + found.trailingZeroBitCount / 8 }
            index += 8
        }
        while index < byteCount {
            let byte = unsafeLoadUnaligned(fromByteOffset: index, as: UInt8.self)
            // What is not there looks like a letter.
            if marks(UInt64(byte) | RawSpan.each(UInt8(ascii: "x")) << 8) != 0 { return index }
            index += 1
        }
        return index
    }

    private static func each(_ byte: UInt8) -> UInt64 { UInt64(byte) * 0x0101_0101_0101_0101 }

    private static func marks(of byte: UInt8, _ word: UInt64) -> UInt64 { marks(below: 1, word ^ each(byte)) }

    /// - Parameter limit: 0x80 at most. The subtraction borrows from the next byte for such a byte alone, so that what is below it
    ///   is marked rightly.
    private static func marks(below limit: UInt8, _ word: UInt64) -> UInt64 {
        (word &- each(limit)) & ~word & each(0x80)
    }
}
