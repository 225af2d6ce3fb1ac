import Foundation
import MPushConfiguration
import Testing

/// What `mpushd check --show` says.
@Suite struct EffectiveValueTests {
    private func values(
        _ text: String, in environment: FakeEnvironment = FakeEnvironment()
    ) throws -> [String: EffectiveValue] {
        let all = try Configuration.parse(Array(text.utf8), named: fileName, in: environment).values
        return Dictionary(all.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// `minimal` with this line in the table.
    private func configuration(with line: String, in table: String) -> String {
        let heading = "[\(table)]\n"
        guard minimal.contains(heading) else { return "\(minimal)\(heading)\(line)\n" }
        return minimal.replacingOccurrences(of: heading, with: "\(heading)\(line)\n")
    }

    /// Written as it is shown, it changes nothing.
    @Test func aKeyThatIsLeftOutIsShownWithItsDefault() throws {
        let shown = try values(minimal)
        let defaults = ConfigurationKey.all.filter { $0.absence == .hasDefault && !$0.path.hasPrefix("route.") }
        #expect(defaults.count > 40)
        for key in defaults {
            let value = try #require(shown[key.path], "\(key.path)")
            #expect(value.origin == .standard)
            let parts = key.path.split(separator: ".").map(String.init)
            let text = configuration(with: "\(parts[1]) = \(value.value ?? "")", in: parts[0])
            #expect(try parse(text) == parse(minimal), "\(key.path)")
            #expect(try values(text)[key.path]?.origin != .standard)
        }
        #expect(shown["log.level"]?.value == "\"info\"" && shown["inbox.max_bytes"]?.value == "\"256MiB\"")
    }

    @Test func aKeyThatIsSetTakesThePlaceOfItsDefault() throws {
        let level = try values(minimal + "[log]\nlevel = \"debug\"\n")["log.level"]
        #expect(level?.value == "\"debug\"")
        #expect(level?.origin == .file(SourceLocation(file: fileName, line: 7, key: "log.level")))
        #expect(level?.origin.description == "mpushd.toml:7")
    }

    @Test(arguments: [
        ("exec = [\"/usr/bin/true\"]", ["concurrency", "attempts", "start", "time_limit"], "\"30s\""),
        ("webhook = \"https://a.example\"", ["concurrency", "keep_alive", "batch", "time_limit"], "\"15s\""),
        (
            "webhook = \"https://a.example\"\nbatch = 2",
            ["concurrency", "keep_alive", "batch_bytes", "batch_format", "time_limit"], "\"15s\""
        ),
        ("file = \"/var/spool/push\"", ["concurrency", "mode"], nil),
        ("stream = [\"/usr/bin/true\"]", ["window", "time_limit"], "\"30s\""),
    ])
    func aRouteHasTheDefaultsOfItsTarget(target: String, keys: [String], limit: String?) throws {
        let shown = try values(minimal + "[[route]]\nname = \"r\"\n\(target)\n").filter {
            $0.key.hasPrefix("route[1].")
        }
        for key in keys { #expect(shown["route[1].\(key)"]?.origin == .standard, "\(key)") }
        #expect(shown["route[1].time_limit"]?.value == limit)
        let all = ["mode", "window", "keep_alive", "batch", "batch_bytes", "batch_format", "concurrency"]
        let others = all.filter { !keys.contains($0) && !target.contains("\($0) =") }
        #expect(others.filter { shown["route[1].\($0)"] != nil } == [])
    }

    @Test func noRouteHasNoDefaults() throws {
        #expect(try values(minimal).keys.filter { $0.hasPrefix("route") } == [])
    }

    /// Several readers ask for a target's common keys.
    @Test func eachKeyIsThereOnce() throws {
        let text =
            minimal
            + "[[route]]\nname = \"r\"\nexec = [\"/usr/bin/true\"]\ntime_limit = \"5s\"\ndirectory = \"/var/x\"\n"
        let all = try Configuration.parse(Array(text.utf8), named: fileName, in: FakeEnvironment()).values.map(\.key)
        #expect(Set(all).count == all.count)
    }

    @Test func aCredentialIsShownWithItsPathAndASecretIsNot() throws {
        let file = try values(minimal + "credential_file = \"$CREDENTIALS_DIRECTORY/alice\"\n")
        #expect(file["identity.credential_file"]?.value == "\"$CREDENTIALS_DIRECTORY/alice\"")
        #expect(file["identity.credential_file"]?.path == "/run/credentials/mpushd.service/alice")
        let secret = try values(minimal + "credential = \"hidden\"\n")
        #expect(secret["identity.credential"] != nil && secret["identity.credential"]?.value == nil)
    }

    @Test func aProxyOfTheEnvironmentNamesItsVariableAndNoPassword() throws {
        var environment = FakeEnvironment()
        environment.variables["https_proxy"] = "http://me:hidden@proxy.example.com:3128"
        let proxy = try values(minimal + "[proxy]\nfrom_environment = true\n", in: environment)["proxy.url"]
        #expect(proxy?.origin == .variable("https_proxy") && proxy?.origin.description == "$https_proxy")
        #expect(proxy?.value == "\"http://proxy.example.com:3128\"")
    }

    /// A variable is shown where it is in force, and what it adds to.
    @Test(arguments: [
        ("", ["https_proxy", "http_proxy", "all_proxy"], ["$https_proxy", "$http_proxy"]),
        ("", ["https_proxy", "all_proxy"], ["$https_proxy", "$all_proxy"]), ("", ["all_proxy"], ["$all_proxy"]),
        ("url = \"http://own.example.com:3128\"\n", ["https_proxy", "all_proxy"], ["mpushd.toml:7"]),
    ])
    func aVariableThatIsNotUsedIsNotShown(own: String, set: [String], origins: [String]) throws {
        var environment = FakeEnvironment()
        for name in set { environment.variables[name] = "http://proxy.example.com:3128" }
        environment.variables["NO_PROXY"] = "example.org, 10.0.0.0/8"
        let text = minimal + "[proxy]\n\(own)from_environment = true\n"
        let all = try Configuration.parse(Array(text.utf8), named: fileName, in: environment).values
        #expect(all.filter { $0.key == "proxy.url" }.map(\.origin.description) == origins)
        let exceptions = all.filter { $0.key == "proxy.no_proxy" }
        #expect(exceptions.map(\.origin.description) == ["$NO_PROXY"])
        #expect(exceptions.first?.value == "[\"example.org\", \"10.0.0.0/8\"]")
    }
}
