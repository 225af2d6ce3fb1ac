import Foundation
import MPushTestSupport

/// config/mpushd.toml and its relatives.
enum ConfigurationSeeds {
    static func all() throws -> [Seed] {
        let shipped = try String(contentsOf: file, encoding: .utf8)
        let texts = ["shipped": shipped, "all-keys": everyKey(of: shipped)].merging(written.merging(routes) { $1 }) {
            text, _ in text
        }
        return texts.map { Seed(name: $0.key, bytes: Array($0.value.utf8)) }
    }

    private static let file = Fixture.folder.deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "config/mpushd.toml")

    /// The file with every key in force and no word of explanation.
    private static func everyKey(of text: String) -> String {
        let lines = text.split(separator: "\n").compactMap { line in
            line.hasPrefix("# ") || line == "#" ? nil : line.hasPrefix("#") ? line.dropFirst() : line
        }
        return lines.joined(separator: "\n")
    }

    private static let start = """
        [server]
        endpoints = ["push.example.com:3443"]
        public_key = "/etc/mpushd/server-rsa.pem"

        """

    private static let route = start + "[identity]\nuser = \"alice\"\n[[route]]\nname = \"r\"\n"

    private static let routes = [
        "route-exec": route + """
            exec = ["/bin/x5", "-t", "{json:a.b}", "{{x}} {content}"]
            directory = "/"
            time_limit = "5s"
            concurrency = 4
            attempts = 3
            retry_min = "2s"
            retry_max = "1m"
            start = "oldest"
            [route.when]
            type = ["notification", 7]
            user = "alice"
            identity = ["alice"]
            content = "(?i)^a+|[b-d]{2,}$"
            field.kind = "alarm"
            field."place.floor" = 3
            matches = { room = "^h", "a.b" = '\\d' }
            """,
        "route-webhook": route + """
            webhook = "https://u.example:81/a?b"
            headers = { Authorization = "x", X-A = "y", Host = "z" }
            secret = "s"
            secret_file = "/k5"
            ca_file = "/c4"
            """,
        "route-file": route + "file = \"/\"\nmode = \"0600\"\nwhen = { type = \"both\", field = { a = true } }\n",
        "route-two-targets": route + "exec = [\"/bin/sh\", \"-c\", \"{id}\", \"|\"]\nfile = \"/\"\nmode = \"0777\"\n",
        "route-wrong": route + """
            exec = ["x", "{contnt}", "{", "--{id}", 5]
            webhook = "ftp://a"
            when = { content = "(", matches = { a = "[" }, field = { "a..b" = 1, c = [1] }, user = [] }
            [[route]]
            name = "r"
            exec = "cat | sh"
            """,
        "inbox-api": start + """
            [identity]
            user = "alice"
            [inbox]
            max_age = "7d"
            max_messages = 5
            max_bytes = "8MiB"
            on_full = "drop_oldest"
            keep_delivered = "8d"
            id_field = "uuid"
            dedup_window = "0s"
            digest_window = "1m"
            biz_ack = "stored"
            [api]
            enabled = false
            socket = "/run/3"
            group = 7
            follower_window = 9
            follower_timeout = "1h"
            """,
    ]

    private static let written = [
        "smallest": start + "[identity]\nuser = \"alice\"\n",
        "two-identities": start
            + "[[identity]]\nuser = \"alice\"\n[[identity]]\nuser = \"bob\"\ntags = [\"a\", \"b\"]\n",
        "same-user-twice": start + "[[identity]]\nuser = \"alice\"\n[[identity]]\nuser = \"alice\"\n",
        "unknown-keys": start + "[identity]\nuser = \"alice\"\nusr = 1\n[sever]\nendpoint = 2\n",
        "wrong-types": "server = 1\nidentity = [1, 2]\ntls.pins = [1, \"sha256/\"]\nlog = [[]]\n",
        "wrong-values": start + """
            transport = "telnet"
            [identity]
            user = ""
            [heartbeat]
            min = "5 minutes"
            max = "-1s"
            ping_every = "1h2h"
            [limits]
            max_body = "1 MB"
            [reconnect]
            min = "9999999999999999999d"
            """,
        "endpoints":
            "server.endpoints = [\"[::1]:1\", \"h:0\", \"1.2.3.4:65536\", \"[fe80::1%eth0]:9\", \"xn--a.b:3\"]",
        "inline-key":
            "[server]\npublic_key = \"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQ==\"\nallocator = \"http://[::1]:8/a\"\n",
        "credential": start
            + "[identity]\nuser = \"a\"\ncredential = \"s\"\ncredential_file = \"$CREDENTIALS_DIRECTORY/0\"",
        "files": start + "[tls]\nca_file = \"relative\"\ncrl_file = \"/a1\"\nclient_key = \"$HOME/2\"\n",
        "toml-forms":
            "a = 1979-05-27T07:32:00Z\nb = 0x_1\nc = inf\nd = '''\n''' # end\ne = {f = {g.h = [1, {}]}}\n\"\" = 1e9",
        "deep": String(repeating: "[", count: 64),
        "dots": "a" + String(repeating: ".a", count: 200) + " = 1",
        "no-end": "[server]\nendpoints = [\"a:1\",\n\"b:2\"",
        "control-characters": "\"a\\u0007\" = \"\\u001b[31m\"\nserver.\"\\u202e\" = 1\n",
    ]
}
