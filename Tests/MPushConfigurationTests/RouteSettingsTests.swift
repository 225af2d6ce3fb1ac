import MPushConfiguration
import MPushModel
import MPushRouting
import Testing

@Suite struct RouteSettingsTests {
    private func route(_ lines: String) throws -> RouteSettings {
        try #require(try parse(minimal + "[[route]]\nname = \"r\"\n" + lines).routes.first)
    }

    @Test func withoutRoutesThereAreNone() throws {
        let configuration = try parse(minimal)
        #expect(configuration.routes.isEmpty)
        #expect(configuration.inbox == InboxSettings())
        #expect(configuration.api == APISettings())
    }

    @Test func aProgramNeedsTwoLines() throws {
        let route = try route("exec = [\"/usr/bin/logger\", \"-t\", \"push\", \"{content}\"]\n")
        let arguments = try ["-t", "push", "{content}"].map { try ArgumentTemplate($0) }
        #expect(
            route
                == RouteSettings(
                    name: "r", target: .exec(ExecSettings(program: "/usr/bin/logger", arguments: arguments))))
        #expect(route.concurrency == 1 && route.start == .new)
        #expect(route.retry == RetryPolicy(attempts: 10, shortestWait: .seconds(1), longestWait: .seconds(300)))
    }

    /// As status and metrics say it: the key that the user wrote.
    @Test(arguments: [
        ("exec = [\"/usr/bin/logger\"]", "exec"), ("stream = [\"/usr/bin/logger\"]", "stream"),
        ("mqtt = { url = \"mqtt://b\", topic = \"a\" }", "mqtt"), ("file = \"/var/mail\"", "file"),
        ("webhook = \"https://b/\"", "webhook"),
    ])
    func aRouteIsOfTheKindThatItsKeySays(line: String, kind: String) throws {
        #expect(try route(line).target.kind == kind)
    }

    @Test func everyKeyOfAProgramIsTakenIn() throws {
        let route = try route(
            """
            exec = ["/usr/bin/logger"]
            directory = "/var/lib/push"
            time_limit = "5s"
            concurrency = 64
            order_by = "{json:device}"
            attempts = 3
            retry_min = "100ms"
            retry_max = "1h"
            max_per_minute = 30
            start = "oldest"
            """)
        let exec = ExecSettings(
            program: "/usr/bin/logger", arguments: [], timeLimit: .seconds(5), directory: "/var/lib/push")
        #expect(
            route
                == RouteSettings(
                    name: "r", target: .exec(exec), concurrency: 64, order: .field(["device"]),
                    retry: RetryPolicy(attempts: 3, shortestWait: .milliseconds(100), longestWait: .seconds(3600)),
                    mostPerMinute: 30, start: .oldest))
    }

    @Test func everyKeyOfAWebhookIsTakenIn() throws {
        let route = try route(
            """
            webhook = "https://hooks.example.com/a?b"
            headers = { X-B = "two", Authorization = "Bearer t" }
            secret_file = "$CREDENTIALS_DIRECTORY/hook"
            ca_file = "/etc/ca.pem"
            time_limit = "2s"
            keep_alive = "0s"
            batch = 50
            batch_bytes = "64KiB"
            batch_format = "ndjson"
            """)
        guard case .webhook(let webhook) = route.target else { throw TargetError() }
        #expect(webhook.url.description == "https://hooks.example.com/a?b")
        #expect(webhook.headers.map(\.name) == ["X-B", "Authorization"])
        #expect(webhook.headers.map(\.value) == ["two", "Bearer t"])
        #expect(webhook.authorities?.path == "/etc/ca.pem")
        #expect(webhook.timeLimit == .seconds(2) && webhook.keepAlive == .zero)
        #expect(webhook.batch == .init(limits: BatchLimits(messages: 50, bytes: 65_536), format: .ndjson))
        #expect(route.schedule.batch == BatchLimits(messages: 50, bytes: 65_536))
        guard case .file(let secret)? = webhook.secret else { throw TargetError() }
        #expect(secret.path == "/run/credentials/mpushd.service/hook")
        #expect(secret.location.key == "route[1].secret_file")
    }

    @Test func timeLimitsFollowTheTarget() throws {
        guard case .webhook(let webhook) = try route("webhook = \"https://a.example\"").target,
            case .exec(let exec) = try route("exec = [\"/usr/bin/logger\"]").target
        else { throw TargetError() }
        #expect((webhook.timeLimit, exec.timeLimit) == (.seconds(15), .seconds(30)))
    }

    @Test func aFolderIsTakenIn() throws {
        let plain = try route("file = \"/var/spool/push\"").target
        #expect(plain == .file(FileTargetSettings(directory: "/var/spool/push", mode: 0o640)))
        let shared = try route("file = \"/var/spool/push\"\nmode = \"0664\"").target
        #expect(shared == .file(FileTargetSettings(directory: "/var/spool/push", mode: 0o664)))
    }

    @Test func conditionsAreTakenInHoweverTheyAreWritten() throws {
        let pattern = try Pattern("^h")
        let expected = RouteFilter(
            types: [1, 7], users: ["alice"], identities: ["alice"],
            fields: [
                RouteFilter.Field(path: ["kind"], test: .equals("alarm")),
                RouteFilter.Field(path: ["place", "floor"], test: .integer(3)),
                RouteFilter.Field(path: ["place", "room"], test: .matches(pattern)),
            ], content: try Pattern("x+"))
        let inline = """
            file = "/var/spool/push"
            when = { type = ["notification", 7], user = "alice", identity = "alice", content = "x+", \
            field = { kind = "alarm", "place.floor" = 3 }, matches = { "place.room" = "^h" } }
            """
        let tables = """
            file = "/var/spool/push"
            [route.when]
            type = ["notification", 7]
            user = ["alice"]
            identity = ["alice"]
            content = 'x+'
            field.kind = "alarm"
            field.place.floor = 3
            matches.place.room = '^h'
            """
        #expect(try route(inline).filter == expected)
        #expect(try route(tables).filter == expected)
        #expect(try route("file = \"/var/spool/push\"\nwhen.type = \"both\"").filter == RouteFilter(types: [3]))
    }

    @Test func fieldsAreComparedAsJSONWritesThem() throws {
        let route = try route(
            "file = \"/var/x\"\nwhen.field = { a = true, b = 1.5, c = -2, d = \"\", \"e.f\".g = \"h\" }")
        let tests = route.filter.fields.map(\.test)
        #expect(tests == [.equals("true"), .float(1.5), .integer(-2), .equals(""), .equals("h")])
        #expect(route.filter.fields.last?.path == ["e", "f", "g"])
    }

    @Test func routesKeepTheirOrder() throws {
        let text = ["b", "a"].map { "[[route]]\nname = \"\($0)\"\nfile = \"/var/\($0)\"\n" }.joined()
        #expect(try parse(minimal + text).routes.map(\.name) == ["b", "a"])
        let single = "[route]\nname = \"a\"\nfile = \"/var/a\"\n"
        #expect(try parse(minimal + single).routes.map(\.name) == ["a"])
    }

    @Test func whereARouteIsWrittenIsNoDifferenceButWhatItSaysIs() throws {
        func text(_ pattern: String, _ argument: String) -> String {
            minimal + """
                [[route]]
                name = "r"
                exec = ["/usr/bin/logger", "\(argument)"]
                when.content = "\(pattern)"

                """
        }
        #expect(try parse(text("a", "{id}")) == parse("\n\n" + text("a", "{id}")))
        #expect(try parse(text("a", "{id}")) != parse(text("b", "{id}")))
        #expect(try parse(text("a", "{id}")) != parse(text("a", "{type}")))
    }

    @Test func noDescriptionShowsASecret() throws {
        let configuration = try parse(
            minimal + """
                [[route]]
                name = "r"
                webhook = "https://a.example"
                headers = { Authorization = "hunter2" }
                secret = "hunter2"
                """)
        var dumped = ""
        dump(configuration, to: &dumped)
        #expect(dumped.contains("Authorization") && !dumped.contains("hunter2"))
        #expect(!"\(configuration)".contains("hunter2"))
    }

    private struct TargetError: Error {}

    @Test(arguments: [
        ("/bin/sh", ["-c", "echo \"$1\"", "x", "{json:v}"], 2), ("/usr/bin/logger", ["-t", "push", "{json:v}"], 3),
        ("/usr/bin/logger", ["-t", "push", "--", "{json:v}"], 3), ("/bin/sh", ["{json:v}"], 1),
        ("/bin/sh", ["-c", "-x", "{json:v}"], 3), ("/usr/bin/head", ["-c", "1", "{json:v}"], 3),
    ])
    func whatCannotBeAnOptionIsKnown(program: String, arguments: [String], first: Int) throws {
        let settings = ExecSettings(program: program, arguments: try arguments.map { try ArgumentTemplate($0) })
        #expect(settings.firstOperand == first)
    }
}
