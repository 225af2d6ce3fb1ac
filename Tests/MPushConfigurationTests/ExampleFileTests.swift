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
        /// The lines of an example that stand for themselves: its headings, its name and its target.
        var company: [Int] = []

        var testDescription: String { path }
    }

    private static let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)

    /// The examples of routes are comments as a whole, with a name each.
    private static let documented: [Documented] = {
        let targets = [
            "route.exec", "route.stream", "route.mqtt", "route.nats", "route.kafka", "route.webhook", "route.file",
        ]
        var found: [Documented] = []
        var (table, saysNoDefault, company) = ("", false, [Int]())
        for (index, line) in lines.enumerated() {
            if let heading = line.wholeMatch(of: /(#?)\[+([\w.]+)\]+/) {
                table = String(heading.2)
                if !table.hasPrefix("route.") { company = [] }
                if !heading.1.isEmpty { company.append(index) }
            }
            if line.isEmpty { saysNoDefault = false }
            if line.hasPrefix("# (no default") { saysNoDefault = true }
            guard let key = line.wholeMatch(of: /(#?)(\w+) = .*/) else { continue }
            let path = "\(table).\(key.2)"
            if path == "route.name" || targets.contains(path) { company.append(index) }
            found.append(
                Documented(
                    path: path, isCommented: !key.1.isEmpty, saysNoDefault: saysNoDefault, line: index,
                    company: company))
        }
        return found
    }()

    /// The file with these keys in force, and without them, but with what has to stand beside them.
    private func uncommented(_ keys: [Documented]) -> (with: String, without: String) {
        let company = Set(keys.flatMap(\.company))
        let wanted = company.union(keys.filter(\.isCommented).map(\.line))
        func text(_ numbers: Set<Int>) -> String {
            let lines = Self.lines.enumerated().map {
                numbers.contains($0.offset) ? $0.element.dropFirst() : $0.element[...]
            }
            return lines.joined(separator: "\n")
        }
        return (text(wanted), text(company.subtracting(keys.map(\.line))))
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
        let names = Self.documented.filter { $0.path == "route.name" }
        #expect(names.count == 7)
        let paths = Self.documented.map(\.path).filter { $0 != "route.name" } + ["route.name"]
        #expect(paths.sorted() == ConfigurationKey.all.map(\.path).sorted())
    }

    @Test func isGoodWithEveryKeyUncommented() throws {
        let doubles = ["identity.credential", "route.secret", "proxy.password", "route.proxy_password"]
        let keys = Self.documented.filter { !doubles.contains($0.path) }
        let text = uncommented(keys).with
        #expect(errors(text) == "")
        #expect(try warnings(text) == [])
        let names = ["notify", "hook", "folder", "store", "broker", "jetstream", "kafka"]
        #expect(try parse(text).routes.map(\.name) == names)
    }

    @Test(arguments: documented)
    func documentsTheTrueDefault(_ key: Documented) throws {
        let absence = try #require(ConfigurationKey.all.first { $0.path == key.path }).absence
        switch absence {
        case .isAnError: #expect(!key.isCommented || key.path == "route.name")
        case .hasDefault:
            let (with, without) = uncommented([key])
            #expect(try parse(with) == parse(without))
        case .isNothing: #expect(key.saysNoDefault || !key.isCommented)
        }
        #expect(key.saysNoDefault == (absence == .isNothing && key.isCommented))
    }

    @Test func staysWithinTheWidthOfTheProject() {
        #expect(Self.lines.filter { $0.count > 120 } == [])
    }
}
