import Foundation
import MPushConfiguration
import MPushTestSupport
import Testing

/// What the README shows must work as it stands.
@Suite struct ReadmeTests {
    private static let root = Fixture.folder.deletingLastPathComponent().deletingLastPathComponent()

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// A machine that has the folder of the recipes.
    private static let machine = FakeEnvironment(files: ["/srv/push": .directory])

    /// The fenced blocks of the README that are marked as `language`.
    private static func blocks(_ language: String) throws -> [String] {
        try text("README.md").split(separator: "```", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 && $0.element.hasPrefix("\(language)\n") }
            .map { String($0.element.dropFirst(language.count + 1)) }
    }

    @Test func everyConfigurationIsGood() throws {
        let blocks = try Self.blocks("toml")
        #expect(blocks.count >= 5)
        for block in blocks {
            let text = block.contains("[server]") ? block : minimal + block
            #expect(errors(text, in: Self.machine) == "", "\(block)")
        }
    }

    @Test func recipesStandTogether() throws {
        let recipes = try Self.blocks("toml").filter { !$0.contains("[server]") }
        #expect(errors(minimal + recipes.joined(separator: "\n"), in: Self.machine) == "")
    }

    @Test func everyPathOfTheAPIIsInItsDescription() throws {
        let description = try Self.text("config/openapi.json")
        let text = try Self.text("README.md")
        let paths = text.matches(of: /http:\/\/mpushd(\/[A-Za-z0-9\/-]+)/).map { String($0.1) }
        #expect(paths.count >= 10)
        for path in paths {
            let described = path.replacing("/consumers/till/", with: "/consumers/{name}/")
            #expect(description.contains("\"\(described)\": {"), "\(path)")
        }
    }
}
