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

    /// - Parameter marks: the top bit of each byte in a word that is looked for. Bits above the lowest may be wrong, and other
    ///   bits say nothing.
    @inline(__always)
    private func end(from begin: Int, _ marks: (UInt64) -> UInt64) -> Int {
        var index = begin
        // Most text goes on for long: four words have one question.
        while index + 32 <= byteCount {
            let found =
                marks(word(at: index)) | marks(word(at: index + 8)) | marks(word(at: index + 16))
                | marks(word(at: index + 24))
            if found & RawSpan.each(0x80) != 0 { break }
            index += 32
        }
        while index + 8 <= byteCount {
            let found = marks(word(at: index)) & RawSpan.each(0x80)
            if found != 0 { return index + found.trailingZeroBitCount / 8 }
            index += 8
        }
        // What is not there looks like a letter.
        var rest = RawSpan.each(UInt8(ascii: "x"))
        for place in stride(from: byteCount - 1, through: index, by: -1) {
            rest = rest << 8 | UInt64(unsafeLoadUnaligned(fromByteOffset: place, as: UInt8.self))
        }
        let found = marks(rest) & RawSpan.each(0x80)
        return found != 0 ? index + found.trailingZeroBitCount / 8 : byteCount
    }

    private func word(at index: Int) -> UInt64 {
        UInt64(littleEndian: unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self))
    }

    private static func each(_ byte: UInt8) -> UInt64 { UInt64(byte) * 0x0101_0101_0101_0101 }

    private static func marks(of byte: UInt8, _ word: UInt64) -> UInt64 { marks(below: 1, word ^ each(byte)) }

    /// - Parameter limit: 0x80 at most. The subtraction borrows from the next byte for such a byte alone, so that what is below it
    ///   is marked rightly.
    private static func marks(below limit: UInt8, _ word: UInt64) -> UInt64 {
        (word &- each(limit)) & ~word
    }
}
