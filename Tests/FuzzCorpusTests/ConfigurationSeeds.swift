import Foundation
import MPushTestSupport

/// config/mpushd.toml and its relatives.
enum ConfigurationSeeds {
    static func all() throws -> [Seed] {
        let shipped = try String(contentsOf: file, encoding: .utf8)
        let texts = ["shipped": shipped, "all-keys": everyKey(of: shipped)].merging(written) { text, _ in text }
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
