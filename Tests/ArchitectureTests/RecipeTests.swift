import Testing

/// "To add something, touch these files": the lists of docs/ARCHITECTURE.md are short, and they are true.
@Suite struct RecipeTests {
    /// A list of docs/ARCHITECTURE.md of the files that one kind of addition touches, found by an example that is there.
    struct Recipe: Sendable, CustomTestStringConvertible {
        let title: String
        let most: Int
        /// What names the example in sources.
        let pattern: String
        let files: [String]

        var testDescription: String { title }

        static func all() throws -> [Recipe] {
            let text = try Project.text("docs/ARCHITECTURE.md")
            let head = /(?m)^### To add (.+): (\d+) files? at most\n+[^`]*`([^`\n]+)`(?:[^\n]+\n)+\n((?:- `[^\n]+\n)+)/
            return text.matches(of: head).map { match in
                let files = match.4.matches(of: /(?m)^- `([^`]+)`/).map { String($0.1) }
                return Recipe(title: String(match.1), most: Int(match.2) ?? 0, pattern: String(match.3), files: files)
            }
        }
    }

    /// Files to touch for a route target, a TLS option, a transport, an endpoint.
    private static let limits: [String: Int] = [
        "a route target": 8, "a TLS option": 6, "a transport": 12, "an endpoint": 8,
    ]

    @Test func thereAreFourRecipesWithinTheirLimits() throws {
        let recipes = try Recipe.all()
        #expect(Dictionary(recipes.map { ($0.title, $0.most) }, uniquingKeysWith: { $1 }) == Self.limits)
        for recipe in recipes { #expect(recipe.files.count <= recipe.most, "\(recipe.title)") }
    }

    /// Complete: the files that name the example are the files of the list.
    @Test func theFilesThatNameAnExampleAreListed() throws {
        let files = try ["Sources", "config"].flatMap { try Project.files(below: $0) }
        for recipe in try Recipe.all() {
            let pattern = try Regex(recipe.pattern)
            let found = try files.filter { path in
                if recipe.title == "a transport", path.contains("Simulator") || path.contains("mpush-sim") {
                    return false
                }
                guard let text = try? Project.text(path) else { return false }
                return try pattern.firstMatch(in: Self.withoutComments(text, of: path)) != nil
            }
            #expect(found.sorted() == recipe.files.sorted(), "\(recipe.title)")
        }
    }

    /// Swift without its comments: who only speaks of something need not be touched.
    private static func withoutComments(_ text: String, of path: String) -> String {
        guard path.hasSuffix(".swift") else { return text }
        return text.split(separator: "\n").map { line in
            line.firstRange(of: "//").map { line[..<$0.lowerBound] } ?? line
        }.joined(separator: "\n")
    }
}
