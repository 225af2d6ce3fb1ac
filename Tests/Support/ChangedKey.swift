/// A key of the configuration and two files that differ in it alone.
public struct ChangedKey: Sendable, CustomStringConvertible {
    /// With its table: `server.order`.
    public let path: String
    /// The table and the keys that have to stand beside it for it to be good, as lines.
    private let company: [String]
    private let value: String

    /// The key, as the name of a test's case.
    public var description: String { path }

    private init(_ path: String, _ value: String, with company: [String] = []) {
        self.path = path
        self.value = value
        self.company = company
    }

    private var table: String { String(path.split(separator: ".").dropLast().joined(separator: ".")) }
    private var key: String { String(path.split(separator: ".").last ?? "") }

    /// The file without the key, or with the value of the others' files.
    public var before: String { text(with: nil) }
    /// The file with another value.
    public var after: String { text(with: "\(key) = \(value)") }

    /// Tables in their order, with the lines that each has in both files.
    private static let common: [(table: String, lines: [String])] = [
        ("server", ["endpoints = [\"push.example.com:3443\"]", "public_key = \"/etc/mpushd/server-rsa.pem\""]),
        ("tls", []), ("proxy", []), ("identity", ["user = \"alice\""]), ("client", []), ("heartbeat", []),
        ("timeouts", []),
        ("reconnect", []), ("limits", []), ("log", []), ("state", []), ("inbox", []), ("api", []), ("metrics", []),
    ]

    private func text(with line: String?) -> String {
        var text = ""
        for (table, lines) in ChangedKey.common {
            var lines = lines
            if table == self.table {
                lines += company
                if line != nil { lines.removeAll { $0.hasPrefix("\(key) = ") } }
                lines += [line].compactMap(\.self)
            }
            text += "[\(table)]\n" + lines.map { $0 + "\n" }.joined()
        }
        guard table.hasPrefix("route") else { return text }
        let route = line != nil && table == "route" ? company.filter { !$0.hasPrefix("\(key) = ") } : company
        text += "[[route]]\n" + route.map { $0 + "\n" }.joined()
        if table == "route.when" { text += "[route.when]\n" }
        return text + (line.map { $0 + "\n" } ?? "")
    }

    private static let file = ["name = \"r\"", "file = \"/var/spool/push\""]
    private static let exec = ["name = \"r\"", "exec = [\"/usr/bin/logger\"]"]
    private static let mqtt = ["name = \"r\"", "mqtt = { url = \"mqtts://b\", topic = \"x\" }"]
    private static let nats = ["name = \"r\"", "nats = { url = \"tls://b\", subject = \"x\" }"]
    private static let kafka = ["name = \"r\"", "kafka = { url = \"kafka://b\", topic = \"x\" }"]
    private static let stream = ["name = \"r\"", "stream = [\"/usr/bin/cat\"]"]
    private static let hook = ["name = \"r\"", "webhook = \"https://hooks.example.com/a\""]

    private static let proxy = ["url = \"http://proxy.example.com\"", "user = \"alice\""]
    private static let ownProxy = hook + ["proxy = \"http://proxy.example.com\"", "proxy_user = \"alice\""]

    /// Each key once, but for those of which two are set together or not at all.
    public static let all: [ChangedKey] = [
        ChangedKey("server.endpoints", "[\"push.example.org:3443\"]"),
        ChangedKey("server.order", "\"shuffled\""),
        ChangedKey("server.allocator", "\"https://push.example.com/allocator\""),
        ChangedKey("server.allocator_timeout", "\"20s\""),
        ChangedKey("server.public_key", "\"/etc/mpushd/other-rsa.pem\""),
        ChangedKey("server.transport", "\"plaintext\""),
        ChangedKey("tls.ca_file", "\"/etc/mpushd/ca.pem\""),
        ChangedKey("tls.crl_file", "\"/etc/mpushd/revoked.pem\""),
        ChangedKey("tls.client_certificate", "\"/etc/mpushd/b.pem\"", with: client),
        ChangedKey("tls.client_key", "\"/etc/mpushd/b.key\"", with: client),
        ChangedKey("tls.pins", "[\"sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"]"),
        ChangedKey("tls.minimum_version", "\"1.3\""),
        ChangedKey("tls.forward_secrecy", "false"),
        ChangedKey("tls.server_name", "\"other.example.com\""),
        ChangedKey("tls.session_resumption", "false"),
        ChangedKey("tls.handshake_timeout", "\"20s\""),
        ChangedKey("proxy.url", "\"http://proxy.example.com\""),
        ChangedKey("proxy.user", "\"bob\"", with: proxy + ["password = \"a\""]),
        ChangedKey("proxy.password", "\"b\"", with: proxy + ["password = \"a\""]),
        ChangedKey(
            "proxy.password_file", "\"/etc/mpushd/hook\"", with: proxy + ["password_file = \"/etc/mpushd/alice\""]),
        ChangedKey("proxy.ca_file", "\"/etc/mpushd/ca.pem\"", with: ["url = \"https://proxy.example.com\""]),
        ChangedKey("proxy.no_proxy", "[\"example.com\"]", with: ["url = \"http://proxy.example.com\""]),
        ChangedKey("proxy.fallback", "\"direct\"", with: ["url = \"http://proxy.example.com\""]),
        ChangedKey("proxy.from_environment", "true"),
        ChangedKey("identity.name", "\"desk\""),
        ChangedKey("identity.user", "\"bob\""),
        ChangedKey("identity.device_id", "\"desk-7\""),
        ChangedKey("identity.tags", "[\"news\"]"),
        ChangedKey("identity.credential", "\"secret\""),
        ChangedKey("identity.credential_file", "\"/etc/mpushd/alice\""),
        ChangedKey("client.os_name", "\"mac\""),
        ChangedKey("client.os_version", "\"14\""),
        ChangedKey("client.client_version", "\"9\""),
        ChangedKey("heartbeat.min", "\"20s\""),
        ChangedKey("heartbeat.max", "\"120s\""),
        ChangedKey("heartbeat.ping_every", "\"55s\""),
        ChangedKey("heartbeat.confirm", "false"),
        ChangedKey("heartbeat.confirm_timeout", "\"20s\""),
        ChangedKey("timeouts.resolve", "\"20s\""),
        ChangedKey("timeouts.connect", "\"20s\""),
        ChangedKey("timeouts.handshake", "\"20s\""),
        ChangedKey("timeouts.bind", "\"20s\""),
        ChangedKey("timeouts.request", "\"20s\""),
        ChangedKey("timeouts.request_retries", "2"),
        ChangedKey("timeouts.http", "\"20s\""),
        ChangedKey("timeouts.tcp_user_timeout", "\"20s\""),
        ChangedKey("reconnect.min", "\"2s\""),
        ChangedKey("reconnect.max", "\"60s\""),
        ChangedKey("reconnect.reset_after", "\"20s\""),
        ChangedKey("reconnect.on_kick", "\"stop\""),
        ChangedKey("reconnect.kick_wait", "\"20s\""),
        ChangedKey("limits.max_body", "\"2MiB\""),
        ChangedKey("limits.max_inflated", "\"2MiB\""),
        ChangedKey("limits.max_send", "\"20KiB\""),
        ChangedKey("limits.compress_over", "\"2KiB\""),
        ChangedKey("log.level", "\"debug\""),
        ChangedKey("state.directory", "\"/var/lib/other\""),
        ChangedKey("inbox.max_age", "\"20d\""),
        ChangedKey("inbox.max_messages", "50000"),
        ChangedKey("inbox.max_bytes", "\"64MiB\""),
        ChangedKey("inbox.on_full", "\"drop_oldest\""),
        ChangedKey("inbox.keep_delivered", "\"2d\""),
        ChangedKey("inbox.id_field", "\"id\""),
        ChangedKey("inbox.dedup_window", "\"12h\""),
        ChangedKey("inbox.digest_window", "\"20s\""),
        ChangedKey("inbox.biz_ack", "\"stored\""),
        ChangedKey("route.name", "\"s\"", with: file),
        ChangedKey("route.exec", "[\"/usr/bin/printf\"]", with: exec),
        ChangedKey("route.directory", "\"/var/lib/push\"", with: exec),
        ChangedKey("route.time_limit", "\"20s\"", with: exec),
        ChangedKey("route.stream", "[\"/usr/bin/printf\"]", with: stream),
        ChangedKey("route.window", "2", with: stream),
        ChangedKey("route.mqtt", "{ url = \"mqtt://b\", topic = \"x\" }", with: mqtt),
        ChangedKey("route.nats", "{ url = \"tls://b\", subject = \"y\" }", with: nats),
        ChangedKey("route.kafka", "{ url = \"kafka://b\", topic = \"y\" }", with: kafka),
        ChangedKey("route.webhook", "\"https://hooks.example.com/b\"", with: hook),
        ChangedKey("route.headers", "{ A = \"b\" }", with: hook),
        ChangedKey("route.secret", "\"secret\"", with: hook),
        ChangedKey("route.secret_file", "\"/etc/mpushd/hook\"", with: hook),
        ChangedKey("route.ca_file", "\"/etc/mpushd/ca.pem\"", with: hook),
        ChangedKey("route.keep_alive", "\"20s\"", with: hook),
        ChangedKey("route.batch", "10", with: hook),
        ChangedKey("route.batch_bytes", "\"64KiB\"", with: hook + ["batch = 10"]),
        ChangedKey("route.batch_format", "\"ndjson\"", with: hook + ["batch = 10"]),
        ChangedKey("route.proxy", "\"none\"", with: hook),
        ChangedKey("route.proxy_user", "\"bob\"", with: ownProxy + ["proxy_password = \"a\""]),
        ChangedKey("route.proxy_password", "\"b\"", with: ownProxy + ["proxy_password = \"a\""]),
        ChangedKey(
            "route.proxy_password_file", "\"/etc/mpushd/hook\"",
            with: ownProxy + ["proxy_password_file = \"/etc/mpushd/alice\""]),
        ChangedKey("route.file", "\"/var/spool/other\"", with: file),
        ChangedKey("route.mode", "\"0600\"", with: file),
        ChangedKey("route.concurrency", "2", with: file),
        ChangedKey("route.order_by", "\"user\"", with: file + ["concurrency = 2"]),
        ChangedKey("route.attempts", "2", with: file),
        ChangedKey("route.retry_min", "\"2s\"", with: file),
        ChangedKey("route.retry_max", "\"2m\"", with: file),
        ChangedKey("route.max_per_minute", "30", with: file),
        ChangedKey("route.start", "\"oldest\"", with: file),
        ChangedKey("route.when.type", "1", with: file),
        ChangedKey("route.when.user", "\"alice\"", with: file),
        ChangedKey("route.when.identity", "\"alice\"", with: file),
        ChangedKey("route.when.field", "{ kind = \"alarm\" }", with: file),
        ChangedKey("route.when.matches", "{ kind = \"^a\" }", with: file),
        ChangedKey("route.when.content", "\"alarm\"", with: file),
        ChangedKey("api.enabled", "false"),
        ChangedKey("api.socket", "\"/run/other/mpushd.sock\""),
        ChangedKey("api.group", "\"staff\""),
        ChangedKey("api.follower_window", "10"),
        ChangedKey("metrics.per_identity", "false"),
        ChangedKey("api.follower_timeout", "\"20s\""),
    ]

    private static let client = ["client_certificate", "client_key"].map { "\($0) = \"/etc/mpushd/a.pem\"" }
}
