import MPushConfiguration
import MPushModel
import Testing

/// A configuration of several files.
@Suite struct FragmentTests {
    private static let main = """
        [server]
        endpoints = ["push.example.com:3443"]
        public_key = "/etc/mpushd/server-rsa.pem"
        [identity]
        user = "alice"
        [heartbeat]
        ping_every = "55s"
        [[route]]
        name = "first"
        exec = ["/usr/bin/true"]

        """

    private func parsed(_ fragments: String...) throws(ConfigurationErrors) -> CheckedConfiguration {
        try Configuration.parse(
            ConfigurationText(name: "main.toml", bytes: Array(Self.main.utf8)),
            fragments.enumerated().map { ConfigurationText(name: "\($0.offset).toml", bytes: Array($0.element.utf8)) },
            in: FakeEnvironment())
    }

    @Test func laterFilesReplaceKeysAndKeepTheOthersOfATable() throws {
        let configuration = try parsed(
            "[server]\nendpoints = [\"a.example.com:1\"]", "[server]\nendpoints = [\"b.example.com:2\"]"
        ).configuration
        #expect(configuration.server.endpoints.map(\.description) == ["b.example.com:2"])
        #expect(configuration.heartbeat.pingEvery == .every(.seconds(55)))
    }

    @Test func tablesOfAnArrayComeOneAfterTheOther() throws {
        let configuration = try parsed(
            "[[route]]\nname = \"second\"\nexec = [\"/usr/bin/true\"]\n[[identity]]\nuser = \"bob\"",
            "[[route]]\nname = \"third\"\nexec = [\"/usr/bin/true\"]"
        ).configuration
        #expect(configuration.routes.map(\.name) == ["first", "second", "third"])
        #expect(configuration.identities.map(\.user) == ["alice", "bob"])
    }

    @Test func anErrorNamesTheFileThatHasIt() {
        for (text, line, words) in [
            ("[heartbeat]\n\nping_every = \"soon\"", 3, "soon"), ("[nonsense]\nkey = 1", 1, "no such table"),
            ("[[route]]\nname = \"second\"", 1, "route[2]"), ("[server\n", 1, "not TOML"),
            ("[server]\nendpoint = 1", 2, "no such key"),
        ] {
            let error = #expect(throws: ConfigurationErrors.self) { try parsed("", text) }
            let place = error?.errors.first?.location
            #expect(place?.file == "1.toml" && place?.line == line, "\(error?.description ?? "")")
            #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
        }
    }

    @Test func whatIsSetIsShownWithItsPlaceAndWithoutSecrets() throws {
        let values = try parsed("[identity]\ncredential = \"hidden\"\n[heartbeat]\nping_every = \"40s\"").values
        func value(_ key: String) -> EffectiveValue? { values.first { $0.key == key } }
        #expect(value("server.endpoints")?.value == #"["push.example.com:3443"]"#)
        #expect(
            value("server.endpoints")?.origin
                == .file(SourceLocation(file: "main.toml", line: 2, key: "server.endpoints")))
        #expect(value("heartbeat.ping_every")?.value == "\"40s\"")
        #expect(value("heartbeat.ping_every")?.origin.description == "0.toml:4")
        #expect(value("route[1].exec")?.value == #"["/usr/bin/true"]"#)
        #expect(value("identity.credential") != nil && value("identity.credential")?.value == nil)
        #expect(!values.contains { $0.value?.contains("hidden") == true })
        #expect(value("inbox.max_age")?.origin == .standard && value("proxy.url") == nil)
    }

    @Test func theFilesOfTheDirectoryAreReadInTheOrderOfTheirNames() {
        #expect(ConfigurationText.directory(beside: "/etc/mpushd/mpushd.toml") == "/etc/mpushd/mpushd.d")
        #expect(ConfigurationText.directory(beside: "/etc/mpushd/berlin/mpushd.toml") == "/etc/mpushd/berlin/mpushd.d")
        #expect(ConfigurationText.directory(beside: "/tmp/config") == nil)
        #expect(ConfigurationText.directory(beside: "/tmp/.toml") == nil)
        #expect(
            ConfigurationText.fragments(among: [
                "b.toml", "a.toml~", ".c.toml", "10.toml", "a.toml", "README", "B.toml",
            ])
                == ["10.toml", "B.toml", "a.toml", "b.toml"])
    }
}
