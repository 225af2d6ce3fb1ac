import Foundation
import MPushConfiguration
import MPushTestSupport
import Testing

/// config/mpushd.toml is what administrators edit: it must be good, whole and true.
@Suite struct ExampleFileTests {
    private static let text: String = {
        let project = Fixture.folder.deletingLastPathComponent().deletingLastPathComponent()
        let data = try? Data(contentsOf: project.appending(path: "config/mpushd.toml"))
        return data.map { String(decoding: $0, as: UTF8.self) } ?? ""
    }()

    /// A key that the file documents.
    struct Documented: CustomTestStringConvertible {
        let path: String
        let isCommented: Bool
        let saysNoDefault: Bool
        /// The number of its line, from 0.
        let line: Int

        var testDescription: String { path }
    }

    private static let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)

    private static let documented: [Documented] = {
        var found: [Documented] = []
        var (table, saysNoDefault) = ("", false)
        for (index, line) in lines.enumerated() {
            if let heading = line.wholeMatch(of: /\[(\w+)\]/) { table = String(heading.1) }
            if line.isEmpty { saysNoDefault = false }
            if line.hasPrefix("# (no default") { saysNoDefault = true }
            guard let key = line.wholeMatch(of: /(#?)(\w+) = .*/) else { continue }
            found.append(
                Documented(
                    path: "\(table).\(key.2)", isCommented: !key.1.isEmpty, saysNoDefault: saysNoDefault, line: index))
        }
        return found
    }()

    private func uncommented(_ keys: [Documented]) -> String {
        var lines = Self.lines
        for key in keys where key.isCommented { lines[key.line].removeFirst() }
        return lines.joined(separator: "\n")
    }

    @Test func isGoodAsItStandsAndIsTheMinimalConfiguration() throws {
        #expect(errors(Self.text) == "")
        #expect(try parse(Self.text) == parse(minimal))
        #expect(try warnings(Self.text) == [])
        #expect(
            Self.documented.filter { !$0.isCommented }.map(\.path) == [
                "server.endpoints", "server.public_key", "identity.user",
            ])
    }

    @Test func documentsEachKeyOnceAndNothingElse() {
        #expect(Self.documented.map(\.path).sorted() == ConfigurationKey.all.map(\.path).sorted())
    }

    @Test func isGoodWithEveryKeyUncommented() {
        let keys = Self.documented.filter { $0.path != "identity.credential" }
        #expect(errors(uncommented(keys)) == "")
    }

    @Test(arguments: documented)
    func documentsTheTrueDefault(_ key: Documented) throws {
        let absence = try #require(ConfigurationKey.all.first { $0.path == key.path }).absence
        switch absence {
        case .isAnError: #expect(!key.isCommented)
        case .hasDefault: #expect(try parse(uncommented([key])) == parse(minimal))
        case .isNothing: #expect(key.saysNoDefault || !key.isCommented)
        }
        #expect(key.saysNoDefault == (absence == .isNothing && key.isCommented))
    }

    @Test func staysWithinTheWidthOfTheProject() {
        #expect(Self.lines.filter { $0.count > 120 } == [])
    }
}
