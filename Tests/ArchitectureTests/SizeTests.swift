import Testing

/// One idea a file: neither crumbs nor heaps.
@Suite struct SizeTests {
    /// Lines of the files of `files`, the shortest first.
    private static func lengths(_ files: [SourceFile]) -> [Int] { files.map(\.lineCount).sorted() }

    @Test func noFileIsLongerThan350Lines() throws {
        for file in try SourceFile.all() { #expect(file.lineCount <= 350, "\(file)") }
    }

    @Test func theMedianFileHas60LinesOrMore() throws {
        let lengths = Self.lengths(try SourceFile.all())
        #expect(lengths[lengths.count / 2] >= 60)
    }

    /// The composition root composes; what decides or talks stands elsewhere.
    @Test func theRootIsSmall() throws {
        let lines = Self.lengths(try SourceFile.all().filter { $0.path.contains("MPushDaemon") }).reduce(0, +)
        #expect(lines > 0 && lines <= 700)
    }

    @Test func linesAreCounted() {
        #expect(SourceFile(path: ["F.swift"], text: "a\n\nb\n").lineCount == 3)
    }
}
