import Foundation

/// A .swift file of Sources.
struct SourceFile: CustomStringConvertible, Sendable {
    /// The path below Sources, in parts.
    let path: [String]
    /// The text as it stands.
    let text: String
    /// The lines without comments and without what stands in quotes on one line. Approximate.
    let code: [Substring]
    /// The identifiers and keywords of `code`.
    let words: Set<String>

    /// The file's name without ".swift".
    var name: String { String((path.last ?? "").dropLast(".swift".count)) }

    /// How many lines there are.
    var lineCount: Int { text.split(separator: "\n", omittingEmptySubsequences: false).count - 1 }

    /// The modules that the file imports.
    var imports: Set<String> {
        let lines = code.filter { $0.contains("import") }
        return Set(
            lines.compactMap { $0.firstMatch(of: /^\s*(?:[\w@]+\s+)*import\s+(?:\w+\s+)?(\w+)/).map { String($0.1) } })
    }

    /// Whether the name is of several values of one kind that the file has: `Clocks`, `BindingCommands`.
    var isNamedAfterAKind: Bool {
        guard name.hasSuffix("s"), let kind = name.dropLast().firstMatch(of: /[A-Z][a-z]+$/)?.output else {
            return false
        }
        return code.count { $0.contains(/\b(?:struct|class|enum|protocol)\s/) && $0.contains("\(kind)") } > 1
    }

    var description: String { path.joined(separator: "/") }

    init(path: [String], text: String) {
        self.path = path
        self.text = text
        code = text.split(separator: "\n").map(Self.withoutTexts)
        words = Set(code.flatMap { $0.split { !$0.isLetter && !$0.isNumber && $0 != "_" } }.map(String.init))
    }

    private static func withoutTexts(_ line: Substring) -> Substring {
        let line = line.contains("\"") ? line.replacing(/"(?:[^"\\]|\\.)*"/, with: "\"\"") : line
        return line.firstRange(of: "//").map { line[..<$0.lowerBound] } ?? line
    }

    /// All files of Sources.
    static func all() throws -> [SourceFile] { try loaded.get() }

    private static let loaded = Result { try load() }

    private static func load() throws -> [SourceFile] {
        let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources")
        let paths = try FileManager.default.subpathsOfDirectory(atPath: sources.path)
        return try paths.filter { $0.hasSuffix(".swift") }.sorted().map { path in
            let text = try String(contentsOf: sources.appending(path: path), encoding: .utf8)
            return SourceFile(path: path.split(separator: "/").map(String.init), text: text)
        }
    }

    /// The files of one floor: System, Core or Shell.
    static func all(on floor: String) throws -> [SourceFile] {
        try all().filter { $0.path.first == floor }
    }
}
