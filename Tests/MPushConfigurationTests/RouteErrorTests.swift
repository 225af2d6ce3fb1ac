import MPushConfiguration
import Testing

@Suite struct RouteErrorTests {
    /// The errors of a route called r whose further lines begin at line 8, without the file's name.
    private func errors(_ lines: String, in environment: FakeEnvironment = FakeEnvironment()) -> String {
        MPushConfigurationTests.errors(minimal + "[[route]]\nname = \"r\"\n" + lines, in: environment)
            .replacing(fileName + ":", with: "")
    }

    private func warnings(_ lines: String, in environment: FakeEnvironment = FakeEnvironment()) throws -> String {
        try MPushConfigurationTests.warnings(minimal + "[[route]]\nname = \"r\"\n" + lines, in: environment)
            .joined(separator: "\n").replacing(fileName + ":", with: "")
    }

    @Test(arguments: [
        (
            "",
            """
            6: route[1]: has no target. Write one of exec = ["/path/to/program"], stream = \
            ["/path/to/program"], mqtt = { … }, nats = { … }, kafka = { … }, webhook = \
            "https://…" or file = "/path/to/directory" in it.
            """
        ),
        (
            "exec = [\"/usr/bin/logger\"]\nfile = \"/var/x\"",
            "9: route[1].file: is set together with exec. A route has one target: write another [[route]] for this one."
        ),
        (
            "exec = \"/usr/bin/logger -t push\"",
            """
            8: route[1].exec: "/usr/bin/logger -t push" is a string, not an array. No shell splits it: write \
            the program and each argument as an element, ["/usr/bin/logger", "-t", "push"].
            """
        ),
        (
            "exec = \"cat > /tmp/x\"",
            """
            8: route[1].exec: "cat > /tmp/x" is a string, not an array. No shell splits it: write the program and \
            each argument as an element, ["/usr/bin/logger", "-t", "push", "{content}"].
            """
        ),
        (
            "exec = []",
            """
            8: route[1].exec: is empty. Write the program and its arguments: ["/usr/bin/logger", "-t", "push", \
            "{content}"].
            """
        ),
        (
            "exec = [\"logger\"]",
            """
            8: route[1].exec[1]: "logger" is not an absolute path, and $PATH is not searched. Write /usr/bin/logger, say.
            """
        ),
        ("exec = [\"/var/\"]", "8: route[1].exec[1]: \"/var/\" is a directory, not a program."),
        (
            "exec = [\"/var/a -x\"]",
            """
            8: route[1].exec[1]: "/var/a -x" does not exist. No shell splits it: write the program and each argument \
            as an element.
            """
        ),
        ("exec = [1]", "8: route[1].exec[1]: 1 is an integer, not a string. Write \"/usr/bin/logger\"."),
        (
            "exec = [\"/bin/x\", 5]", "8: route[1].exec[2]: 5 is an integer, not a string. Write \"{content}\"."
        ),
        (
            "exec = [\"/bin/x\", \"{contnet}\"]",
            "8: route[1].exec[2]: \"{contnet}\" has no such placeholder as {contnet}. Write {content}."
        ),
        (
            "exec = [\"/bin/x\", \"a {nonsense}\"]",
            """
            8: route[1].exec[2]: "a {nonsense}" has no such placeholder as {nonsense}, at character 3. There are \
            {content}, {id}, {type}, {user}, {identity}, {received}, {route}, {attempt}, {json:field}. A brace that is \
            meant as one is written twice.
            """
        ),
        (
            "exec = [\"/bin/x\", \"{id\"]",
            """
            8: route[1].exec[2]: "{id" opens a brace at character 1 that is not closed. A brace that is meant as one is \
            written twice: {{.
            """
        ),
        (
            "exec = [\"/bin/x\", \"--{content}\"]",
            """
            8: route[1].exec[2]: "--{content}" lets a message choose the option, with its placeholder at character 3. \
            Write "--name={content}", or the option and the placeholder as two arguments.
            """
        ),
        (
            "exec = [\"/bin/bash\", \"-ec\", \"echo {content}\"]",
            """
            8: route[1].exec[3]: anyone who can push could run any command: the script contains pushed text. Leave the \
            placeholder out and read standard input, or the environment: "$MPUSH_ID".
            """
        ),
    ])
    func saysWhatIsWrongWithAProgram(lines: String, message: String) {
        let environment = FakeEnvironment(files: ["/var/": .directory])
        #expect(errors(lines, in: environment) == message)
    }

    @Test(arguments: ["/bin/sh", "/usr/bin/python3.11", "/usr/bin/perl"])
    func noScriptIsMadeOfWhatIsPushed(program: String) throws {
        let option = program.hasSuffix("perl") ? "-e" : "-c"
        #expect(errors("exec = [\"\(program)\", \"\(option)\", \"{id}\"]").contains("could run any command"))
        #expect(try warnings("exec = [\"\(program)\", \"\(option)\", \"x\", \"{id}\"]") == "")
        #expect(try warnings("exec = [\"/usr/bin/logger\", \"\(option)\", \"{id}\"]") == "")
    }

    /// Many read the journal: a password that somebody writes into a URL is not repeated, wherever the URL stands.
    @Test(arguments: [
        "nats = { url = \"nats://me:secret@b\", subject = \"a\" }",
        "nats = { url = [\"tls://b\", \"tls://me:se/secret@c@b\"], subject = \"a\" }",
        "nats = { url = \"me:secret@b:4222\", subject = \"a\" }",
        "kafka = { url = \"nats://me:secret@b\", topic = \"a\" }",
        "kafka = { url = \"kafka://b\", topic = \"kafka://me:secret@b\" }",
        "kafka = { url = \"kafka+ssl://b\", topic = \"a\", authority = \"kafka://me:secret@b\" }",
        "mqtt = \"mqtt://me:secret@b\"", "mqtt = { url = \"mqtts://me:secret@b\", topic = \"a\" }",
        "mqtt = { url = mqtts://me:secret@b, topic = \"a\" }",
        "mqtt = { url = \"mqtts://b\", topic = \"a\", retain = \"mqtt://me:secret@b\" }",
        "stream = \"/usr/lib/mpushd/mpush-bridge-nats --url nats://me:secret@b\"",
        "stream = [\"/usr/lib/mpushd/mpush-bridge-nats\", \"|\", \"nats://me:secret@b\"]",
    ])
    func aPasswordInAURLIsNotRepeated(lines: String) throws {
        var words = errors(lines)
        if words.isEmpty { words = try warnings(lines) }
        #expect(!words.isEmpty && !words.contains("secret"), "\(words)")
    }

    @Test(arguments: [
        (
            "mqtt = { url = \"mqtt://b\" }",
            "8: route[1].mqtt: has no topic. Write { url = \"mqtts://broker.example.com\", topic = \"push/{user}\" }."
        ),
        (
            "mqtt = { url = \"http://b\", topic = \"a/+\" }",
            """
            8: route[1].mqtt.url: "http://b" is not a URL of MQTT. Write mqtts://host or mqtts://host:port; mqtt:// is \
            without TLS.
            8: route[1].mqtt.topic: "a/+" has + in it, which only those who subscribe may write.
            """
        ),
        (
            "mqtt = { url = \"mqtt://b\", topic = \"a\", qos = 2, key = 5 }",
            """
            8: route[1].mqtt.qos: is not a key of mqtt. There are url, topic, user, password_file, authority, certificate, \
            key, client_id, protocol, retain.
            8: route[1].mqtt.key: 5 is an integer, not a string. Write "…".
            """
        ),
        (
            "mqtt = { url = \"mqtts://b\", topic = \"a\", certificate = \"/etc/c.pem\" }",
            "8: route[1].mqtt: has certificate without key. Write both."
        ),
        (
            "mqtt = { url = \"mqtt://b\", topic = \"a\", authority = \"/etc/c.pem\" }",
            "8: route[1].mqtt: has authority, which is for TLS. Write mqtts:// in url."
        ),
        (
            "nats = { url = [\"nats://b\", \"tls://c\"], subject = \"a\" }",
            "8: route[1].nats: has urls with TLS and without. Write tls:// in all of them."
        ),
        (
            "nats = { url = [\"nats://b\", \"mqtt://c\", 5, \"nats://d/x\"], subject = \"a..b\" }",
            """
            8: route[1].nats.url[2]: "mqtt://c" is not a URL of NATS. Write tls://host or tls://host:port; nats:// is \
            without TLS.
            8: route[1].nats.url[3]: 5 is an integer, not a string. Write "…".
            8: route[1].nats.url[4]: "nats://d/x" has a path, which a broker does not have. Write tls://host or \
            tls://host:port; nats:// is without TLS.
            8: route[1].nats.subject: "a..b" begins or ends with a dot, or has two in a row.
            """
        ),
        (
            "nats = { url = [], subject = \"a\" }",
            "8: route[1].nats.url: is empty. Write { url = \"tls://nats.example.com\", subject = \"push.{user}\" }."
        ),
        (
            "nats = { url = \"nats://b\", subject = \"a\", user = \"u\", credentials = \"/etc/c\" }",
            "8: route[1].nats: has user and credentials. One of them signs in: leave the other out."
        ),
        (
            "kafka = { url = \"kafka://b\", topic = \"a b\", sasl = \"gssapi\", message_key = \"{x}\" }",
            """
            8: route[1].kafka.topic: "a b" has the character U+0020 in it, which it may not hold.
            8: route[1].kafka.sasl: "gssapi" is not plain, scram-sha-256 or scram-sha-512.
            8: route[1].kafka.message_key: "{x}" has no such placeholder as {x}, at character 1. There are {content}, {id}, \
            {type}, {user}, {identity}, {received}, {route}, {attempt}, {json:field}. A brace that is meant as one is written \
            twice.
            """
        ),
        (
            "kafka = { url = \"kafka://b\", topic = \"a\" }\nconcurrency = 2",
            """
            9: route[1].concurrency: does not apply to kafka. Write window = 256, say: how many messages the program may \
            have without having confirmed them.
            """
        ),
        (
            "mqtt = { url = \"mqtt://b\", topic = \"a\" }\nwindow = 0",
            "9: route[1].window: 0 is out of bounds: 1 to 1024."
        ),
        (
            "stream = \"/bin/cat\"",
            """
            8: route[1].stream: "/bin/cat" is a string, not an array. No shell splits it: write the program and each \
            argument as an element, ["/bin/cat"].
            """
        ),
        (
            "stream = [\"/bin/x\", \"{id}\", \"{{id}}\"]",
            """
            8: route[1].stream[2]: the program of a stream is started once for many messages, so that no placeholder can \
            stand here. It reads the messages from its standard input; write {{ and }} for braces.
            """
        ),
        (
            "stream = [\"/bin/x\"]\nconcurrency = 4",
            """
            9: route[1].concurrency: does not apply to stream. Write window = 256, say: how many messages the program may \
            have without having confirmed them.
            """
        ),
        ("stream = [\"/bin/x\"]\nwindow = 0", "9: route[1].window: 0 is out of bounds: 1 to 1024."),
        (
            "exec = [\"/bin/x\"]\nwindow = 8",
            "9: route[1].window: does not apply to exec, but to stream, mqtt, nats and kafka. Leave it out."
        ),
        (
            "exec = [\"/bin/x\"]\nstream = [\"/bin/x\"]",
            "9: route[1].stream: is set together with exec. A route has one target: write another [[route]] for this one."
        ),
    ])
    func saysWhatIsWrongWithAStream(lines: String, message: String) {
        #expect(errors(lines) == message)
    }

    @Test(arguments: [
        (
            "directory = \"/var/x\"\nmode = \"0640\"", "exec = [\"/bin/x\"]",
            ["mode: does not apply to exec, but to file. Leave it out."]
        ),
        (
            "headers = {}\nca_file = \"/c\"\nsecret = \"x\"\ntime_limit = \"1s\"\ndirectory = \"/var/x\"",
            "file = \"/var/x\"",
            [
                "headers: does not apply to file, but to webhook. Leave it out.",
                "ca_file: does not apply to file, but to webhook. Leave it out.",
                "secret: does not apply to file, but to webhook. Leave it out.",
                "time_limit: does not apply to file, but to exec, stream, mqtt, nats, kafka and webhook. Leave it out.",
                "directory: does not apply to file, but to exec and stream. Leave it out.",
            ]
        ),
        (
            "directory = \"/var/x\"", "webhook = \"https://a.example\"",
            ["directory: does not apply to webhook, but to exec and stream. Leave it out."]
        ),
        (
            "ca_file = \"/c\"", "webhook = \"http://127.0.0.1\"",
            ["ca_file: has no effect with http. Leave it out, or use https."]
        ),
    ])
    func aKeyOfAnotherTargetIsAnError(lines: String, target: String, messages: [String]) {
        let found = errors(target + "\n" + lines).split(separator: "\n")
        #expect(found.map { $0.drop { $0 != "]" }.dropFirst(2) } == messages.map { $0[...] })
    }

    @Test(arguments: [
        (
            "webhook = \"https://hooks.example.com/hunter2 x\"",
            "route[1].webhook: this is not a URL: spaces and letters beyond ASCII are percent-encoded there."
        ),
        (
            "webhook = \"ftp://hunter2\"",
            "route[1].webhook: this is not a URL. Write https://host/path or http://host/path."
        ),
        ("headers = { Host = \"hunter2\" }", "route[1].headers.Host: is set by mpushd itself. Leave it out."),
        (
            "headers = { transfer-encoding = \"hunter2\" }",
            "route[1].headers.transfer-encoding: is set by mpushd itself. Leave it out."
        ),
        (
            "headers = { \"a b\" = \"hunter2\" }",
            "route[1].headers.a b: is not the name of a header. Write letters, digits and hyphens."
        ),
        (
            "headers = { A = \"hunter2\\r\\nX: y\" }",
            """
            route[1].headers.A: the value of a header may have up to 4096 visible ASCII characters, and spaces between them: \
            no line end, no tab, no other character.
            """
        ),
        ("headers = { A = 5 }", "route[1].headers.A: this is an integer, not a string. Write \"…\"."),
        (
            "headers = { A = \"1\", a = \"2\" }",
            "route[1].headers.a: is set twice: header names are case-insensitive. Write it once."
        ),
        (
            "headers = \"hunter2\"",
            "route[1].headers: this is a string, not a table. Write { Authorization = \"Bearer …\" }."
        ),
        ("batch = 0", "route[1].batch: 0 is out of bounds: 1 to 1000."),
        (
            "batch_bytes = 10\nbatch = 2",
            "route[1].batch_bytes: 10 is out of bounds: 1KiB to 16MiB."
        ),
        (
            "batch_format = \"ndjson\"",
            "route[1].batch_format: has no effect without batch. Leave it out, or set batch = 100."
        ),
        (
            "batch_format = \"xml\"\nbatch = 2",
            "route[1].batch_format: \"xml\" is not known. Write \"json\" or \"ndjson\"."
        ),
        ("keep_alive = \"2h\"", "route[1].keep_alive: \"2h\" is out of bounds: 0s to 1h."),
        (
            "secret = \"hunter2\"\nsecret_file = \"/k\"",
            "route[1].secret: is set together with route[1].secret_file. Write one of them."
        ),
    ])
    func saysWhatIsWrongWithAWebhookAndShowsNoSecret(line: String, message: String) {
        let target = line.hasPrefix("webhook") ? "" : "\nwebhook = \"https://a.example\""
        let found = errors(line + target)
        #expect(found.hasPrefix("8: \(message)"))
        #expect(!found.contains("hunter2"))
    }

    @Test(arguments: [
        ("\"640\"", ""), ("\"0666\"", ""), ("640", "640 is an integer, not a string. Write \"0640\"."),
        ("\"rw-\"", "\"rw-\" is not a mode. Write three octal digits: \"0640\"."),
        ("\"0750\"", "\"0750\" would make the files executable. Write read and write permissions only: \"0640\"."),
        ("\"0440\"", "\"0440\" does not let mpushd read and write the files. Write \"0600\" at least."),
        ("\"+640\"", "\"+640\" is not a mode. Write three octal digits: \"0640\"."),
    ])
    func theModeOfFilesIsOctal(mode: String, message: String) {
        #expect(errors("file = \"/var/x\"\nmode = \(mode)") == (message.isEmpty ? "" : "9: route[1].mode: \(message)"))
    }

    @Test(arguments: [
        (
            "type = \"alert\"",
            "when.type: \"alert\" is not a message type. Write \"notification\", \"message\", \"both\" or a number."
        ),
        (
            "type = []",
            """
            when.type: is empty, so that no message matches. Write "notification", "message", "both" or a number, or \
            leave the key out.
            """
        ),
        ("identity = [\"alice\", \"bob\"]", "when.identity: no identity is called \"bob\". There are \"alice\"."),
        (
            "content = \"a(\"",
            "when.content: \"a(\" is not a regular expression: missing closing parenthesis (at byte 2)."
        ),
        ("content = \"\"", "when.content: \"\" is empty. Write a regular expression, or leave the key out."),
        (
            "matches = { a = \"[\" }",
            """
            when.matches.a: "[" is not a regular expression: missing terminating ] for character class (at byte 1).
            """
        ),
        ("field = \"a\"", "when.field: \"a\" is a string, not a table. Write { kind = \"alarm\" }."),
        ("field = { a = [1] }", "when.field.a: this is an array, not a text, a number or a boolean. Write \"alarm\"."),
        (
            "field = { \"a..b\" = 1 }",
            "when.field.a..b: is not the name of a field. Write name, or \"outer.inner\" for a field of a field."
        ),
        ("typ = 1", "when.typ: no such key. Did you mean route.when.type?"),
        ("feld = { a = 1 }", "when.feld: no such table. Did you mean route.when.field?"),
    ])
    func saysWhatIsWrongWithACondition(line: String, message: String) {
        #expect(errors("file = \"/var/x\"\n[route.when]\n\(line)\n") == "10: route[1].\(message)")
        #expect(errors("file = \"/var/x\"\nwhen = { \(line) }\n") == "9: route[1].\(message)")
    }

    @Test(arguments: [
        ("when = 1", "when: 1 is an integer, not a table. Write [route.when] on a line of its own."),
        ("concurrency = 65", "concurrency: 65 is out of bounds: 1 to 64."),
        (
            "order_by = \"user\"",
            """
            order_by: has no effect without concurrency: one message at a time keeps the order of all. Leave it out, or set \
            concurrency = 8.
            """
        ),
        (
            "order_by = \"device\"",
            "order_by: \"device\" is not known. Write \"user\", \"identity\" or \"{json:field}\"."
        ),
        (
            "order_by = \"{json:}\"",
            """
            order_by: "{json:}" names no field. Write "{json:field}" or "{json:outer.inner}".
            """
        ),
        ("batch = 10", "batch: does not apply to file, but to webhook. Leave it out."),
        ("attempts = 0", "attempts: 0 is out of bounds: 1 to 1000."),
        ("retry_min = \"10m\"", "retry_min: retry_min (10m) must not be above retry_max (5m)."),
        ("start = \"newest\"", "start: \"newest\" is not known. Write \"new\" or \"oldest\"."),
        ("when.user = 5", "when.user: 5 is an integer, not a string. Write \"alice\"."),
        ("exe = 1", "exe: no such key. Did you mean route.exec?"),
    ])
    func saysWhatIsWrongWithTheRest(line: String, message: String) {
        #expect(errors("\(line)\nfile = \"/var/x\"\n") == "8: route[1].\(message)")
    }

    @Test func aNameIsNeededAndItsOwn() {
        let route = "[[route]]\nname = \"r\"\nfile = \"/var/x\"\n"
        #expect(
            MPushConfigurationTests.errors(minimal + route + route)
                == "mpushd.toml:10: route[2].name: \"r\" is already the name of the route on line 7. Write another name."
        )
        #expect(
            MPushConfigurationTests.errors(minimal + "[[route]]\nfile = \"/var/x\"")
                == "mpushd.toml:6: route[1].name: is missing: what the route is called. Write name = \"alice\" in [[route]]."
        )
        #expect(
            MPushConfigurationTests.errors(minimal + "[[route]]\nname = \"a/b\"\nfile = \"/x/mpushd\"").contains(
                "the name of a file"))
        #expect(MPushConfigurationTests.errors("route = []\n" + minimal).contains("Write one [[route]] at least"))
        #expect(MPushConfigurationTests.errors("route = 5\n" + minimal).contains("not a table"))
    }

    @Test func thereMayBe256Routes() throws {
        func text(_ count: Int) -> String {
            minimal + (0..<count).map { "[[route]]\nname = \"r\($0)\"\nfile = \"/var/\($0)\"\n" }.joined()
        }
        #expect(try parse(text(256)).routes.count == 256)
        #expect(
            MPushConfigurationTests.errors(text(257))
                == "mpushd.toml:774: route[257]: is one too many: there can be 256 routes.")
    }

    @Test(arguments: [
        (FileCondition.missing, "/opt/x: no such file. Messages cannot be delivered until there is one."),
        (.readable(mode: 0o644, size: 9), "/opt/x is not executable: messages cannot be delivered. Run chmod +x."),
        (.readable(mode: 0o755, size: 9), ""), (.notReadable(reason: "permission denied"), ""),
    ])
    func aProgramThatCannotRunYetIsWarnedOf(condition: FileCondition, warning: String) throws {
        let found = try warnings("exec = [\"/opt/x\"]", in: FakeEnvironment(files: ["/opt/x": condition]))
        #expect(found == (warning.isEmpty ? "" : "8: warning: route[1].exec[1]: \(warning)"))
    }

    @Test func whatOnlyAShellUnderstandsIsWarnedOf() throws {
        #expect(
            try warnings("exec = [\"/bin/cat\", \"-\",\n\"|\", \"/bin/x\"]") == """
                9: warning: route[1].exec[3]: "|" is passed to the program as it is: no shell interprets it. Write \
                ["/bin/sh", "-c", "…"] to run a shell.
                """)
    }

    @Test func aWebhookInTheClearIsWarnedOfUnlessItIsThisMachine() throws {
        #expect(
            try warnings("webhook = \"http://a.example:81/token\"") == """
                8: warning: route[1].webhook: a.example:81 gets the messages without TLS: anyone on the network \
                path can read them. Use https if it supports it.
                """)
        for host in ["127.0.0.1:8080", "[::1]", "localhost"] {
            #expect(try warnings("webhook = \"http://\(host)/\"") == "")
        }
    }

    @Test func aSecretThatEveryoneCanReadIsWarnedOf() throws {
        let open = FakeEnvironment(files: [fileName: .readable(mode: 0o644, size: 9)])
        let text = "webhook = \"https://a.example\"\nheaders = { Authorization = \"x\" }\nsecret = \"y\""
        let found = try warnings(text, in: open).split(separator: "\n")
        #expect(found.count == 2)
        #expect(
            found.first?.hasPrefix("9: warning: route[1].headers: every user of this machine can read this file")
                == true)
        #expect(found.last?.hasSuffix("Set mode 0640 or less, or use secret_file.") == true)
    }
}
