import MPushConfiguration
import Testing

@Suite struct IdentitySettingsTests {
    private let server = """
        [server]
        endpoints = ["push.example.com:3443"]
        public_key = "/etc/mpushd/server-rsa.pem"

        """

    @Test func severalIdentitiesKeepTheirOrder() throws {
        let text = server + "[[identity]]\nuser = \"bob\"\n[[identity]]\nuser = \"alice\"\nname = \"desk\"\n"
        let identities = try parse(text).identities
        #expect(identities.map(\.name) == ["bob", "desk"])
        #expect(identities.map(\.location.line) == [4, 6])
        #expect(identities.map(\.location.key) == ["identity[1]", "identity[2]"])
    }

    @Test func aUserTwiceIsAnError() {
        let text = server + "[[identity]]\nuser = \"bob\"\n[[identity]]\nuser = \"bob\"\nname = \"desk\"\n"
        #expect(
            errors(text) == """
                mpushd.toml:7: identity[2].user: "bob" is already the user on line 5. The server would move the \
                user from one connection to the other and back.
                """)
    }

    @Test func aNameTwiceIsAnError() {
        let text = server + "[[identity]]\nuser = \"bob\"\n[[identity]]\nuser = \"alice\"\nname = \"bob\"\n"
        #expect(
            errors(text) == """
                mpushd.toml:8: identity[2].name: "bob" is already the name of the identity on line 5. Write \
                another name.
                """)
    }

    @Test func aUserThatIsNoFileNameGetsASafeNameOfItsOwn() throws {
        let users = ["alice@example.com", "alice_example.com", "alice/example.com", "Ålice", "..", "-x"]
        let text = server + users.map { "[[identity]]\nuser = \"\($0)\"\n" }.joined()
        let names = try parse(text).identities.map(\.name)
        #expect(names[0] == "u_alice_example.com-67023fc4a7ff2a46")
        #expect(names[1] == "alice_example.com")
        #expect(Set(names).count == users.count)
        for name in names {
            #expect(name.wholeMatch(of: /[A-Za-z0-9_][A-Za-z0-9._-]{0,63}/) != nil, "\(name)")
        }
    }

    @Test func theLongestUserGetsANameWithinBounds() throws {
        let user = String(repeating: "x", count: 256)
        let name = try #require(try parse(minimal.replacing("alice", with: user)).identities.first?.name)
        #expect(name.utf8.count == 2 + 40 + 1 + 16)
    }

    @Test func anEmptyListOfIdentitiesIsAnError() {
        #expect(
            errors("identity = []\n" + server) == "mpushd.toml:1: identity: is empty. Write one [[identity]] at least.")
    }

    @Test func tenThousandIdentitiesAreRead() throws {
        let text = server + (0..<10_000).map { "[[identity]]\nuser = \"user\($0)\"\n" }.joined()
        #expect(try parse(text).identities.count == 10_000)
    }

    @Test func whatIsBoundHasToFitIntoOneFrame() throws {
        let tags =
            "tags = [\((0..<60).map { "\"\(String(repeating: "t", count: 60))\($0)\"" }.joined(separator: ", "))]\n"
        #expect(errors(minimal + tags) == "")
        let limited = minimal + tags + "[limits]\nmax_send = \"2KiB\"\n"
        #expect(
            errors(limited) == """
                mpushd.toml:4: identity: binding this user takes 3792 bytes, with its tags and credential, and \
                limits.max_send is 2KiB. Shorten them, or raise max_send if the server's max-packet-size allows it.
                """)
        let secret = minimal + "credential_file = \"/etc/mpushd/alice\"\n[limits]\nmax_send = \"1KiB\"\n"
        #expect(errors(secret) == "")
        let long = FakeEnvironment(files: ["/etc/mpushd/alice": .readable(mode: 0o600, size: 2000)])
        #expect(errors(secret, in: long).contains("takes 2016 bytes"))
    }

    @Test(arguments: ["a\\u0000b", "a\\nb", "a\\rb", "a\\u2028b"])
    func aUserAndATagAreOneLine(text: String) {
        let complaint = "contains a control character or one that is not visible."
        #expect(errors(minimal.replacing("alice", with: text)).hasSuffix(complaint))
        #expect(errors(minimal + "tags = [\"\(text)\"]\n").hasSuffix(complaint))
    }
}
