import Testing

@testable import MPushPlatform

@Suite struct OutputLinesTests {
    @Test func aLineMayComeInPieces() {
        var lines = OutputLines()
        #expect(lines.add("on".utf8) == [])
        #expect(lines.add("e\ntwo\r\n\nthr".utf8) == ["one", "two"])
        #expect(lines.end() == ["thr"])
        #expect(lines.end() == [])
    }

    @Test func aLongLineIsCut() {
        var lines = OutputLines()
        let line = lines.add(repeatElement(UInt8(ascii: "x"), count: 5000)) + lines.add("\n".utf8)
        #expect(line.map(\.utf8.count) == [OutputLines.longestLine + 4])
        #expect(lines.add("y\n".utf8) == ["y"])
    }

    @Test func afterAHundredLinesThereIsOneMore() {
        var lines = OutputLines()
        let said = (0..<1000).flatMap { lines.add("\($0)\n".utf8) } + lines.end()
        #expect(said.count == OutputLines.mostLines + 1)
        #expect(said.last?.contains("dropped") == true)
    }

    @Test func afterManyBytesThereIsOneMore() {
        var lines = OutputLines()
        let long = String(repeating: "x", count: 1000) + "\n"
        let said = (0..<99).flatMap { _ in lines.add(long.utf8) }
        #expect(said.count == OutputLines.mostBytes / 1000 + 1)
    }

    @Test func whatIsNoTextIsShownAllTheSame() {
        var lines = OutputLines()
        #expect(lines.add([0xFF, 0x41, 0x0A]) == ["\u{FFFD}A"])
    }

    /// A flood without a line's end is looked at up to a bound, and no further.
    @Test func whatIsReadIsBoundedTooWhereNoLineEnds() {
        var lines = OutputLines()
        var said: [String] = []
        for _ in 0..<40 { said += lines.add([UInt8](repeating: UInt8(ascii: "x"), count: 32 * 1024)) }
        #expect(said.count == 2 && said[0].hasSuffix("x ...") && said[1] == "... more was written, and dropped")
        #expect(lines.add(Array("late\n".utf8)).isEmpty && lines.end().isEmpty)
    }
}
