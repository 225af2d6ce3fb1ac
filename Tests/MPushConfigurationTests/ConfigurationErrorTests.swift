import MPushConfiguration
import Testing

@Suite struct ConfigurationErrorTests {
    /// A line added to the minimal configuration in `table`, and what is said of it after `mpushd.toml:7: `.
    struct Case: CustomTestStringConvertible {
        let table: String
        let line: String
        let message: String

        init(_ table: String, _ line: String, _ message: String) {
            (self.table, self.line, self.message) = (table, line, message)
        }

        var testDescription: String { "[\(table)] \(line)" }
    }

    private static let unknown = [
        Case("heartbeat", "ping_evry = 1", "heartbeat.ping_evry: no such key. Did you mean heartbeat.ping_every?"),
        Case(
            "heartbeat", "confirmation = 1",
            "heartbeat.confirmation: no such key. [heartbeat] has confirm, confirm_timeout, max, min, ping_every."),
        Case("tls", "ca = 1", "tls.ca: no such key. Did you mean tls.ca_file?"),
        Case("tls", "ping_every = 1", "tls.ping_every: no such key. Did you mean heartbeat.ping_every?"),
        Case("log", "x.y = 1", "log.x: no such table. [log] has level."),
        Case("log", "\"\\u001b[1m\" = 1", "log.\\u{1b}[1m: no such key. [log] has level."),
        Case("log", "\"\" = 1", "log.: no such key. [log] has level."),
    ]

    private static let types = [
        Case(
            "heartbeat", "confirm = \"yes\"",
            "heartbeat.confirm: \"yes\" is a string, not a boolean. Write true or false."),
        Case("heartbeat", "ping_every = 55", "heartbeat.ping_every: 55 is an integer, not a duration. Write \"55s\"."),
        Case("heartbeat", "ping_every = 1.5", "heartbeat.ping_every: 1.5 is a float, not a duration. Write \"30s\"."),
        Case(
            "heartbeat", "ping_every = 07:32:00",
            "heartbeat.ping_every: this is a date or time, not a duration. Write \"30s\"."),
        Case("heartbeat", "ping_every = []", "heartbeat.ping_every: this is an array, not a duration. Write \"30s\"."),
        Case(
            "timeouts", "request_retries = \"1\"",
            "timeouts.request_retries: \"1\" is a string, not an integer. Write a number from 0 to "
                + "10, without quotes."),
        Case("tls", "pins = \"x\"", "tls.pins: \"x\" is a string, not an array. Write [\"x\"]."),
        Case("tls", "pins = 1", "tls.pins: 1 is an integer, not an array. Write [\"sha256/…=\"]."),
        Case("tls", "pins = [1]", "tls.pins[1]: 1 is an integer, not a string. Write \"sha256/…=\"."),
        Case(
            "tls", "minimum_version = 1.2",
            "tls.minimum_version: 1.2 is a float, not a string. Write \"1.2\" or \"1.3\"."),
        Case("tls", "ca_file = true", "tls.ca_file: true is a boolean, not a string. Write \"/etc/mpushd/ca.pem\"."),
        Case("limits", "max_body = true", "limits.max_body: true is a boolean, not a size. Write \"64KiB\"."),
    ]

    private static let bounds = [
        Case("heartbeat", "ping_every = \"1s\"", "heartbeat.ping_every: \"1s\" is out of bounds: 5s to 1d."),
        Case("heartbeat", "max = \"2d\"", "heartbeat.max: \"2d\" is out of bounds: 2s to 1d."),
        Case("heartbeat", "min = \"5m\"", "heartbeat.min: min (5m) must not be above max (3m)."),
        Case("heartbeat", "max = \"5s\"", "heartbeat.max: min (10s) must not be above max (5s)."),
        Case("reconnect", "min = \"1h\"", "reconnect.min: min (1h) must not be above max (2m)."),
        Case("timeouts", "request_retries = 11", "timeouts.request_retries: 11 is out of bounds: 0 to 10."),
        Case("timeouts", "request_retries = -1", "timeouts.request_retries: -1 is out of bounds: 0 to 10."),
        Case("limits", "max_body = \"1GiB\"", "limits.max_body: \"1GiB\" is out of bounds: 1KiB to 64MiB."),
        Case("limits", "max_body = 100", "limits.max_body: 100 is out of bounds: 1KiB to 64MiB."),
        Case(
            "limits", "max_inflated = \"4KiB\"",
            "limits.max_inflated: max_inflated (4KiB) must not be below max_body (1MiB)."),
    ]

    private static let texts = [
        Case(
            "heartbeat", "ping_every = \"5 minutes\"",
            "heartbeat.ping_every: \"5 minutes\" is not a duration. Write 300s or 5m."),
        Case(
            "heartbeat", "ping_every = \"Auto\"",
            "heartbeat.ping_every: \"Auto\" is not known. Write \"auto\", or a duration such as \"55s\"."),
        Case(
            "log", "level = \"warn\"",
            "log.level: \"warn\" is not known. Write \"debug\", \"info\", \"notice\", \"warning\" or \"error\"."),
        Case(
            "log", "level = \"eror\"",
            "log.level: \"eror\" is not known. Write \"debug\", \"info\", \"notice\", \"warning\" or \"error\"."),
        Case(
            "tls", "minimum_version = \"1.1\"", "tls.minimum_version: \"1.1\" is not known. Write \"1.2\" or \"1.3\"."),
        Case("tls", "server_name = \"a b\"", "tls.server_name: \"a b\" is not a host name or an IP address."),
        Case(
            "tls", "pins = [\"sha256/AAAA\"]",
            "tls.pins[1]: \"sha256/AAAA\" is not a pin: 3 bytes follow sha256/; a SHA-256 has 32."),
        Case(
            "tls", "client_key = \"/k\"",
            "tls.client_key: has no effect without tls.client_certificate. Write both or neither."),
        Case(
            "tls", "client_certificate = \"/c\"",
            "tls.client_certificate: has no effect without tls.client_key. Write both or neither."),
        Case(
            "client", "os_version = \"6,1\"",
            "client.os_version: \"6,1\" contains a comma, at which the server would split it."),
        Case("client", "os_name = \"\"", "client.os_name: \"\" is empty. Write a text, or leave the key out."),
        Case(
            "client", "os_name = \"a\\u0000b\"",
            "client.os_name: \"a\\u{0}b\" contains a control character or one that is not visible."),
        Case(
            "state", "directory = \"mpushd\"",
            "state.directory: \"mpushd\" is not an absolute path. Begin with / or $CREDENTIALS_DIRECTORY/."),
    ]

    @Test(arguments: unknown + types + bounds + texts)
    func saysWhatIsWrongAndWhatWouldBeRight(_ example: Case) {
        #expect(errors(minimal + "[\(example.table)]\n\(example.line)\n") == "mpushd.toml:7: \(example.message)")
    }

    @Test(arguments: [
        ("device_id = \"a,b\"", "identity.device_id: \"a,b\" contains a comma, at which the server would split it."),
        ("tags = [\"a\", \"b,c\"]", "identity.tags[2]: \"b,c\" contains a comma, at which the server would split it."),
        ("tags = [\"\"]", "identity.tags[1]: \"\" is empty."),
        ("credential = 5", "identity.credential: this is an integer, not a string. Write it in quotes."),
        ("credential = \"\"", "identity.credential: has 0 bytes. It must have 1 to 4096."),
        (
            "credential = \"x\"\ncredential_file = \"/x\"",
            "identity.credential: is set together with identity.credential_file. Write one of them."
        ),
        (
            "name = \"a/b\"",
            """
            identity.name: "a/b" cannot be the name of a file. Write 1 to 64 of A-Z a-z 0-9 . _ - and begin with a \
            letter, a digit or _.
            """
        ),
    ])
    func saysWhatIsWrongWithAnIdentity(line: String, message: String) {
        #expect(errors(minimal + line) == "mpushd.toml:6: \(message)")
    }

    @Test(arguments: [
        ("servr = 1", "mpushd.toml:1: servr: no such key. Did you mean [server]?"),
        ("[servr]\n", "mpushd.toml:1: servr: no such table. Did you mean [server]?"),
        (
            "[[websites]]\n",
            "mpushd.toml:1: websites: no such table. There are api, client, heartbeat, identity, inbox, limits, "
                + "log, proxy, reconnect, route, server, state, timeouts, tls."
        ),
        ("[[routes]]\n", "mpushd.toml:1: routes: no such table. Did you mean [[route]]?"),
        ("ping_every = 1", "mpushd.toml:1: ping_every: no such key. Did you mean heartbeat.ping_every?"),
        ("tls = 5", "mpushd.toml:1: tls: 5 is an integer, not a table. Write [tls] on a line of its own."),
        ("[[tls]]", "mpushd.toml:1: tls: this is an array, not a table. Write [tls] on a line of its own."),
    ])
    func saysWhatIsWrongAtTheTop(line: String, message: String) {
        #expect(errors("\(line)\n\(minimal)") == message)
    }

    @Test func saysWhatIsMissing() {
        #expect(
            errors("\n[server]\n[identity]\n") == """
                mpushd.toml:2: server.public_key: is missing: the server's RSA public key. Write public_key = \
                "/etc/mpushd/server-rsa.pem" in [server].
                mpushd.toml:2: server.endpoints: is missing: where the server listens. Write endpoints = \
                ["push.example.com:3443"] in [server].
                mpushd.toml:3: identity.user: is missing: the user to bind. Write user = "alice" in [identity].
                """)
    }

    @Test func ofATableThatIsNoneNothingIsMissing() {
        let message = "mpushd.toml:1: server: 5 is an integer, not a table. Write [server] on a line of its own."
        #expect(errors("server = 5\n[identity]\nuser = \"alice\"\n") == message)
    }

    @Test func anEmptyFileIsMissingThreeLines() {
        let lines = errors("").split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines.allSatisfy { $0.hasPrefix("mpushd.toml: ") && $0.contains("is missing") })
    }

    @Test func emptyEndpointsNeedAnAllocator() {
        let text = minimal.replacing("[\"push.example.com:3443\"]", with: "[]")
        #expect(
            errors(text) == "mpushd.toml:2: server.endpoints: is empty. Write one at least, or an allocator to ask.")
    }

    @Test func allErrorsAreSaidAtOnceInTheOrderOfTheFile() {
        let text = """
            [heartbeat]
            ping_every = "5 minutes"

            [server]
            endpoint = ["push.example.com:3443"]
            public_key = "/etc/mpushd/server-rsa.pem"
            endpoints = ["https://push.example.com:3443",
                "push.example.com"]
            [tls]
            ca_file = "/etc/mpushd/ca.pem"
            """
        let environment = FakeEnvironment(files: ["/etc/mpushd/ca.pem": .missing])
        #expect(
            errors(text, in: environment) == """
                mpushd.toml: identity.user: is missing: the user to bind. Write user = "alice" in [identity].
                mpushd.toml:2: heartbeat.ping_every: "5 minutes" is not a duration. Write 300s or 5m.
                mpushd.toml:5: server.endpoint: no such key. Did you mean server.endpoints?
                mpushd.toml:7: server.endpoints[1]: "https://push.example.com:3443" is not an endpoint, \
                but a URL. Write host:port.
                mpushd.toml:8: server.endpoints[2]: "push.example.com" has no port. Write \
                push.example.com:3443, with the port of your server.
                mpushd.toml:10: tls.ca_file: /etc/mpushd/ca.pem: no such file
                """)
    }

    @Test func aFloodOfErrorsIsBounded() {
        let text = (0..<5000).map { "key\($0) = 1\n" }.joined() + minimal
        #expect(errors(text).split(separator: "\n").count == 100)
    }

    @Test func warningsComeWithTheErrors() {
        let text = minimal.replacing("[identity]", with: "transport = \"plaintext\"\nx = 1\n[identity]")
        #expect {
            _ = try Configuration.parse(Array(text.utf8), named: fileName, in: FakeEnvironment())
        } throws: { error in
            (error as? ConfigurationErrors)?.warnings.map(\.location.line) == [4]
        }
    }
}
