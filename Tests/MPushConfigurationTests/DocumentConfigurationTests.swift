import Foundation
import MPushConfiguration
import MPushTestSupport
import Testing

/// The configurations and requests that the documents show work as they stand.
@Suite struct DocumentConfigurationTests {
    private static let root = Fixture.folder.deletingLastPathComponent().deletingLastPathComponent()

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// README.md and every document of docs.
    private static func documents() throws -> [String] {
        let folder = try FileManager.default.contentsOfDirectory(atPath: root.appending(path: "docs").path)
        return ["README.md"] + folder.filter { $0.hasSuffix(".md") }.sorted().map { "docs/\($0)" }
    }

    /// A machine that has the folder of the recipes.
    private static let machine = FakeEnvironment(files: ["/srv/push": .directory])

    /// The fenced blocks of a document that are marked as `language`.
    private static func blocks(_ language: String, of document: String) throws -> [String] {
        try text(document).split(separator: "```", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 && $0.element.hasPrefix("\(language)\n") }
            .map { String($0.element.dropFirst(language.count + 1)) }
    }

    @Test func everyConfigurationIsGood() throws {
        let blocks = try Self.documents().flatMap { try Self.blocks("toml", of: $0) }
        #expect(blocks.count >= 8)
        for block in blocks {
            let text = block.contains("[server]") ? block : minimal + block
            #expect(errors(text, in: Self.machine) == "", "\(block)")
        }
    }

    @Test func recipesStandTogether() throws {
        let recipes = try Self.blocks("toml", of: "docs/routes.md")
        #expect(recipes.count >= 4)
        #expect(errors(minimal + recipes.joined(separator: "\n"), in: Self.machine) == "")
    }

    @Test func everyPathOfTheAPIIsInItsDescription() throws {
        let description = try Self.text("config/openapi.json")
        let paths = try Self.documents().flatMap { document in
            try Self.text(document).matches(of: /http:\/\/mpushd(\/[A-Za-z0-9\/-]+)/).map { String($0.1) }
        }
        #expect(paths.count >= 10)
        for path in paths {
            let described = path.replacing("/consumers/till/", with: "/consumers/{name}/")
            #expect(description.contains("\"\(described)\": {"), "\(path)")
        }
    }
}
