import Testing

@testable import MPushJSON

/// What is looked for is found at each place of a word, whatever stands around it.
@Suite struct ByteSearchTests {
    private static let plain: [UInt8] = Array("x !#[]\u{7E}ä".utf8) + [0x80, 0xFF]

    @Test(arguments: 0...75)
    func theFirstMarkIsFoundAtEachPlace(place: Int) {
        for byte in UInt8.min...UInt8.max {
            var bytes = (0..<76).map { Self.plain[$0 % Self.plain.count] }
            bytes[place] = byte
            // What comes after it is not found first.
            if place < 75 { bytes[75] = 0x0A }
            let isQuoted = byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
            let search = bytes.span.bytes
            #expect(search.endOfLine(from: 0) == (byte == 0x0A ? place : place < 75 ? 75 : 76))
            #expect(search.endOfPlainText(from: 0) == (byte < 0x20 || isQuoted ? place : place < 75 ? 75 : 76))
            let isEscaped = byte < 0x20 || isQuoted || byte == 0x7F || byte == 0xC2
            #expect(search.endOfUnescapedText(from: 0) == (isEscaped ? place : place < 75 ? 75 : 76))
        }
    }

    @Test func nothingBeforeTheBeginIsFound() {
        let bytes = Array("\n\"\nabcdefghij\nk".utf8)
        let search = bytes.span.bytes
        #expect(search.endOfLine(from: 3) == 13)
        #expect(search.endOfPlainText(from: 3) == 13)
        #expect(search.endOfLine(from: 14) == 15)
        #expect(search.endOfLine(from: 15) == 15)
        #expect([UInt8]().span.bytes.endOfLine(from: 0) == 0)
    }
}
