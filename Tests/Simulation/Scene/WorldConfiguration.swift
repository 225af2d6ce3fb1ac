import MPushWorld

/// The configuration file of a world's daemon.
struct WorldConfiguration {
    static let authority = "/etc/mpushd/ca.pem"

    /// Who is to be bound, by the name of the identity.
    struct Identity {
        var name: String
        let user: String
    }

    var identities: [Identity]
    var hosts: [String]
    /// Routes that run a program.
    var programs: [String]
    /// Routes to folders.
    var folders: [String]
    /// Routes to a webhook.
    var webhooks: [String] = []
    /// What the routes to some of them say more, as lines.
    var webhookLines: [String: [String]] = [:]
    /// Routes to a program that runs on.
    var streams: [String] = []
    /// Of the streams.
    var window = 1
    /// How often the streams have got another program.
    var streamVersion = 0
    /// Whether the servers are spoken to over TLS; webhooks are then too.
    var isSecured = false
    var hasAPI = false
    /// Who is asked for servers; nil for nobody.
    var allocator: String?
    /// Whether servers are listed, which they need not be beside an allocator.
    var listsHosts = true
    /// A duration, or `auto`.
    var pingEvery: String?
    var tags: [String] = []
    /// Of all routes, in seconds.
    var longestWait = 30
    /// How many messages the inbox holds.
    var room = 1_000_000
    /// How often identities or routes were changed: their names are never given twice.
    var changes = 0

    var users: [String] { identities.map(\.user) }

    /// A good change that leaves everybody's place.
    mutating func change(by random: WorldRandom) {
        switch random.below(4) {
        case 0: pingEvery = random.chance(0.5) ? nil : WorldConfiguration.interval(30 + random.below(120))
        case 1: tags = random.chance(0.5) ? [] : ["t\(random.below(5))"]
        case 2: hosts = random.chance(0.5) ? hosts.reversed() : hosts
        default: longestWait = 20 + random.below(11)
        }
    }

    private static func interval(_ seconds: Int) -> String { seconds % 3 == 0 ? "auto" : "\(seconds)s" }

    var text: String {
        let api = hasAPI ? "socket = \"\(LocalSockets.path)\"" : "enabled = false"
        var server = listsHosts ? ["endpoints = [\(list(hosts.map { "\($0):\(PushServer.port)" }))]"] : []
        if let allocator { server.append("allocator = \"\(allocator)\"") }
        var lines = ["[server]"] + server
        lines += [
            "public_key = \"/etc/mpushd/server.pem\"", "transport = \"\(isSecured ? "tls" : "plaintext")\"", "[client]",
            "os_version = \"1\"",
            "[state]", "directory = \"\(Device.stateDirectory)\"", "[api]", api, "[inbox]",
            "max_age = \"30d\"", "max_messages = \(room)", "[log]", "level = \"info\"",
        ]
        let authority = "ca_file = \"\(WorldConfiguration.authority)\""
        if isSecured { lines += ["[tls]", authority] }
        if let pingEvery { lines += ["[heartbeat]", "ping_every = \"\(pingEvery)\""] }
        for identity in identities {
            let user = identity.user
            lines += [
                "[[identity]]", "name = \"\(identity.name)\"", "user = \"\(user)\"", "device_id = \"device-\(user)\"",
                "tags = [\(list(tags))]",
            ]
        }
        for name in programs {
            lines += [
                "[[route]]", "name = \"\(name)\"", "exec = [\"/programs/\(name)\"]", "attempts = 60",
                "retry_max = \"\(longestWait)s\"",
            ]
        }
        for name in folders {
            lines += [
                "[[route]]", "name = \"\(name)\"", "file = \"/mail/\(name)\"",
                // Nothing that befalls a folder is a message's fault.
                "attempts = 3", "retry_max = \"\(longestWait)s\"",
            ]
        }
        for name in webhooks {
            lines += [
                "[[route]]", "name = \"\(name)\"",
                "webhook = \"http\(isSecured ? "s" : "")://\(WebhookServer.host)/\(name)\"", "attempts = 60",
                "retry_max = \"\(longestWait)s\"", "concurrency = \(name == "pool" ? 4 : 1)",
            ]
            lines += webhookLines[name] ?? []
            if isSecured { lines.append(authority) }
        }
        for name in streams {
            lines += [
                "[[route]]", "name = \"\(name)\"", "stream = [\"/programs/\(name)\", \"\(streamVersion)\"]",
                "window = \(window)", "attempts = 60", "retry_max = \"30s\"",
            ]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func list(_ items: [String]) -> String { items.map { "\"\($0)\"" }.joined(separator: ", ") }
}
