import Testing

/// What the documents and comments say of the tree is so.
@Suite struct DocumentTests {
    // MARK: - Protocol

    /// The numbers of the sections of docs/PROTOCOL.md: `4`, `4.3`.
    private static func sections() throws -> Set<String> {
        Set(try Project.text("docs/PROTOCOL.md").matches(of: #/(?m)^##+ (\d+(?:\.\d+)?)\.?\s/#).map { String($0.1) })
    }

    /// The sections that `text` cites of PROTOCOL.md.
    private static func citations(in text: String) -> [String] {
        // A citation may go over a line's end.
        let plain = text.replacing(/\n\s*\/{2,3}\s*/, with: " ")
        return plain.matches(of: /PROTOCOL\.md,? sections? ((?:\d+(?:\.\d+)?)(?:(?:,| and| to) \d+(?:\.\d+)?)*)/)
            .flatMap { $0.1.matches(of: /\d+(?:\.\d+)?/).map { String($0.output) } }
    }

    @Test func everySectionOfTheProtocolThatIsCitedExists() throws {
        let sections = try Self.sections()
        #expect(sections.count >= 15)
        var count = 0
        for folder in ["Sources", "Tests", "docs", "config"] {
            for path in try Project.files(below: folder) where path.hasSuffix(".swift") || path.hasSuffix(".md") {
                for section in Self.citations(in: try Project.text(path)) {
                    count += 1
                    #expect(sections.contains(section), "\(path): section \(section)")
                }
            }
        }
        #expect(count > 60)
    }

    @Test(arguments: [
        ("(PROTOCOL.md section 4.3)", ["4.3"]), ("PROTOCOL.md sections 4.1 to 4.3", ["4.1", "4.3"]),
        ("PROTOCOL.md sections 5, 6 and 8.", ["5", "6", "8"]), ("/// PROTOCOL.md section\n    /// 2)", ["2"]),
        ("PROTOCOL.md says", []),
    ])
    func citationsAreFound(text: String, sections: [String]) {
        #expect(Self.citations(in: text) == sections)
    }

    // MARK: - Paths

    /// Paths of the project that a document names in backquotes, and links.
    private static func paths(in text: String) -> [String] {
        let quoted = text.matches(of: /`((?:Sources|Tests|config|docs|systemd|debian)\/[^`*<\s]*)`/).map {
            String($0.1)
        }
        return quoted
    }

    private static func documents() throws -> [String] {
        try ["README.md", ".github/CONTRIBUTING.md"] + Project.files(below: "docs").filter { $0.hasSuffix(".md") }
    }

    @Test(arguments: try documents())
    func whatADocumentNamesIsThere(document: String) throws {
        for path in Self.paths(in: try Project.text(document)) { #expect(Project.exists(path), "\(document): \(path)") }
    }

    /// The walks name types in their order: each is declared in Sources.
    @Test func everyTypeOfTheWalksIsDeclared() throws {
        let text = try Project.text("docs/ARCHITECTURE.md")
        let walks = try #require(text.split(separator: "\n## ").first { $0.hasPrefix("Five walks") })
        let types = Set(walks.matches(of: /`([A-Z][A-Za-z0-9]+)`/).map { String($0.1) })
        #expect(types.count > 40)
        let code = try SourceFile.all().flatMap(\.code)
        for type in types.sorted() {
            let declaration = try Regex("\\b(?:struct|class|enum|protocol)\\s+\(type)\\b")
            #expect(code.contains { $0.contains(type) && $0.contains(declaration) }, "\(type)")
        }
        for walk in walks.split(separator: "\n### ").dropFirst() {
            let promised = try #require(walk.firstMatch(of: /: (\d+) hops\n/)).1
            #expect(walk.matches(of: #/(?m)^\d+\.\s/#).count == Int(promised), "\(walk.prefix(40))")
        }
    }

    /// What a program of a route finds in its environment is in the configuration, and so in its manual page, and in the
    /// document of routes.
    @Test func everyVariableOfAProgramIsDocumented() throws {
        let folders = ["Sources/Shell/MPushDelivery", "Sources/Core/MPushModel"]
        // The fields of the journal are no variables.
        let sources = try folders.flatMap { try Project.files(below: $0) }
            .filter { !$0.hasSuffix("/JournalFieldName.swift") }.map(Project.text)
        let names = Set(sources.flatMap { $0.matches(of: /"(MPUSH_[A-Z]+)"/).map { String($0.1) } })
        #expect(names.count >= 7)
        for document in ["config/mpushd.toml", "docs/routes.md"] {
            let text = try Project.text(document)
            for name in names.sorted() { #expect(text.contains(name), "\(document) lacks \(name)") }
        }
    }

    @Test func everyDecisionIsListed() throws {
        let list = try Project.text("docs/decisions/README.md")
        for path in try Project.files(below: "docs/decisions") where !path.hasSuffix("README.md") {
            let name = path.split(separator: "/").last ?? ""
            #expect(list.contains("(\(name))"), "\(name)")
        }
    }

    /// A document or a comment is for those who have this tree, and nothing else of the machine that it was written on.
    @Test func noPathLeadsOutOfTheTree() throws {
        let foreign = ["/" + "work/", "../" + "shared"]
        for folder in ["Sources", "Tests", "docs", "config", "systemd", "debian", ".github", ".ci"] {
            for path in try Project.files(below: folder) {
                guard let text = try? Project.text(path) else { continue }
                for place in foreign { #expect(!text.contains(place), "\(path): \(place)") }
            }
        }
    }
}
