import MPushConfiguration
import MPushTestSupport
import Testing

/// What a reload changes is told key by key, with when it takes effect as the reading code declares it.
@Suite struct ConfigurationChangeTests {
    private let server = """
        [server]
        endpoints = ["push.example.com:3443"]
        public_key = "/etc/mpushd/server-rsa.pem"

        """

    @Test(arguments: ChangedKey.all)
    func aChangedKeyIsNamedAlone(_ key: ChangedKey) throws {
        let (before, after) = (try parse(key.before), try parse(key.after))
        let changes = Configuration.changes(from: before, to: after)
        // A route of another name is another route, with all that it has.
        #expect(changes.map(\.path) == (key.path == "route.name" ? ["route.name", "route.file"] : [key.path]))
        #expect(Configuration.changes(from: after, to: before) == changes)
        #expect(Configuration.changes(from: after, to: try parse(key.after)) == [])
        #expect(before != after)
    }

    @Test func everyKeyIsChangedByATest() {
        #expect(Set(ChangedKey.all.map(\.path)) == Set(ConfigurationKey.all.map(\.path)))
    }

    @Test func whatIsWrittenOutIsNoChangeOfItsDefault() throws {
        let written = minimal.replacing(
            "[identity]", with: "order = \"listed\"\n[timeouts]\nbind = \"10s\"\n[identity]")
        #expect(Configuration.changes(from: try parse(minimal), to: try parse(written)) == [])
        let respelled = minimal.replacing("[identity]", with: "[timeouts]\nbind = \"10000ms\"\n[identity]")
        #expect(Configuration.changes(from: try parse(written), to: try parse(respelled)) == [])
    }

    @Test func orderAndLinesOfTablesDoNotMatter() throws {
        let (alice, bob) = ("[[identity]]\nuser = \"alice\"\ntags = [\"a\"]\n", "[[identity]]\nuser = \"bob\"\n")
        let (one, other) = (try parse(server + alice + bob), try parse(server + "\n\n" + bob + alice))
        #expect(Configuration.changes(from: one, to: other) == [])
        let without = try parse(server + bob)
        #expect(Configuration.changes(from: one, to: without).map(\.path) == ["identity.user", "identity.tags"])
    }

    @Test func aMovedValueIsAChange() throws {
        let (alice, bob) = ("[[identity]]\nuser = \"alice\"\n", "[[identity]]\nuser = \"bob\"\n")
        let tags = "tags = [\"a\"]\n"
        let changes = Configuration.changes(
            from: try parse(server + alice + tags + bob), to: try parse(server + alice + bob + tags))
        #expect(changes.map(\.path) == ["identity.tags"])
    }
}
