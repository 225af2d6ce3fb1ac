import MPushModel
package import MPushRouting

/// `[[route]]`: which messages go to whom, and how.
package struct RouteSettings: Equatable, Sendable {
    /// Where a route's messages go.
    package enum Target: Equatable, Sendable {
        case exec(ExecSettings)
        case stream(StreamSettings)
        case webhook(WebhookSettings)
        case file(FileTargetSettings)

        /// The key that names it.
        package var kind: String {
            switch self {
            case .exec: "exec"
            case .stream(let stream): stream.key
            case .webhook: "webhook"
            case .file: "file"
            }
        }
    }

    /// What a route that is new begins with.
    package enum Start: String, CaseIterable, Sendable {
        /// What comes from now on.
        case new
        /// All that the inbox still has.
        case oldest
    }

    /// As identities are named; unique among routes.
    package let name: String
    package let filter: RouteFilter
    package let target: Target
    /// Messages under way at once, 1 to 64, or a stream's window. With 1 their order is kept.
    package let concurrency: Int
    /// What is kept in order with more than one at once; nil for nothing.
    package let order: RouteOrder?
    package let retry: RetryPolicy
    /// Attempts in any minute, at most; nil for no bound.
    package let mostPerMinute: Int?
    package let start: Start

    package init(
        name: String, filter: RouteFilter = RouteFilter(), target: Target, concurrency: Int = 1,
        order: RouteOrder? = nil, retry: RetryPolicy = RetryPolicy(), mostPerMinute: Int? = nil, start: Start = .new
    ) {
        self.name = name
        self.filter = filter
        self.target = target
        self.concurrency = concurrency
        self.order = order
        self.retry = retry
        self.mostPerMinute = mostPerMinute
        self.start = start
    }
}

extension RouteSettings {
    /// Routes that a configuration may have.
    private static let most = 256

    /// Reads each of `tables` and reports names that are there twice. Those that cannot be read are left out, and reported.
    static func list(reading tables: [TableReader], identities: [IdentitySettings]?) -> [RouteSettings] {
        var names: [String: SourceLocation] = [:]
        let routes = tables.compactMap { table in
            let route = RouteSettings(reading: table, identities: identities)
            let site = table.site(of: "name")
            if let route, let first = names.updateValue(site.location, forKey: route.name) {
                site.report(
                    "\(route.name.quoted) is already the name of the route on line \(first.lineText). "
                        + "Write another name.")
            }
            return table.isPresent ? route : nil
        }
        if tables.count > most {
            tables.dropFirst(most).first?.site.report("is one too many: there can be \(most) routes.")
        }
        return routes
    }
}

extension RouteSettings {
    /// Nil where something required is missing or wrong, which is reported.
    init?(reading table: TableReader, identities: [IdentitySettings]?) {
        let name = table.required("name", takesEffect: .atOnce, .identityName, meaning: "what the route is called")
        let filter = RouteFilter(reading: table.table("when"), identities: identities)
        let target = RouteSettings.target(reading: table)
        var concurrency = table.value("concurrency", takesEffect: .atOnce, .count(in: 1...64), default: 1)
        if case .stream(let stream)? = target {
            concurrency = stream.window
            table.hasNoUse(for: ["concurrency"])
        }
        let order = table.optional("order_by", takesEffect: .atOnce, .order)
        let retry = RetryPolicy(reading: table)
        let mostPerMinute = table.optional("max_per_minute", takesEffect: .atOnce, .count(in: 1...1_000_000))
        let start = table.value("start", takesEffect: .atOnce, .choice, default: Start.new)
        if order != nil, concurrency == 1, !table.holds("concurrency"), !table.holds("window") {
            table.site(of: "order_by").report(
                "has no effect without concurrency: one message at a time keeps the order of all. "
                    + "Leave it out, or set concurrency = 8.")
        }
        guard let name, let target else { return nil }
        self.init(
            name: name, filter: filter, target: target, concurrency: concurrency, order: order, retry: retry,
            mostPerMinute: mostPerMinute, start: start)
    }
}

extension RouteSettings {
    /// How the route goes about its messages.
    package var schedule: RouteSchedule.Settings {
        var batch = BatchLimits.single
        var isStream = false
        switch target {
        case .webhook(let webhook): batch = webhook.batch?.limits ?? .single
        case .stream: isStream = true
        case .exec, .file: break
        }
        return RouteSchedule.Settings(
            concurrency: concurrency, retry: retry, mostPerMinute: mostPerMinute, batch: batch,
            isOrderedByKey: order != nil, isStream: isStream)
    }
}

extension ValueFormat<RouteOrder> {
    /// A key of messages.
    fileprivate static var order: ValueFormat<RouteOrder> {
        ValueFormat.spelled("a string", example: "\"user\"") { text, _ throws(Misspelling) in
            try RouteOrder(parsing: text)
        }
    }
}

extension RetryPolicy {
    fileprivate init(reading table: TableReader) {
        self.init()
        attempts = table.value("attempts", takesEffect: .atOnce, .count(in: 1...1000), default: attempts)
        shortestWait = table.value(
            "retry_min", takesEffect: .atOnce, .duration(in: .milliseconds(100) ... .seconds(3600)),
            default: shortestWait)
        longestWait = table.value(
            "retry_max", takesEffect: .atOnce, .duration(in: .milliseconds(100) ... .seconds(86_400)),
            default: longestWait)
        table.checkOrder("retry_min", shortestWait, "retry_max", longestWait)
    }
}

extension RouteFilter {
    /// Reads `when`. What is wrong is reported, and counts as not asked for.
    fileprivate init(reading table: TableReader, identities known: [IdentitySettings]?) {
        self.init()
        types = table.optional("type", takesEffect: .atOnce, .oneOrMore(of: .messageType, atMost: 64))
        users = table.optional("user", takesEffect: .atOnce, .oneOrMore(of: .user, atMost: 1024))
        identities = table.optional("identity", takesEffect: .atOnce, .oneOrMore(of: .identityName, atMost: 1024))
        let equal = table.optional("field", takesEffect: .atOnce, .equalFields) ?? []
        let matching = table.optional("matches", takesEffect: .atOnce, .matchingFields) ?? []
        fields = equal + matching
        content = table.optional("content", takesEffect: .atOnce, .pattern)
        guard let known, let identities else { return }
        let names = Set(known.map(\.name))
        for identity in identities where !names.contains(identity) {
            table.site(of: "identity").report(
                "no identity is called \(identity.quoted). There are \(RouteFilter.listed(known)).")
        }
    }

    private static func listed(_ identities: [IdentitySettings]) -> String {
        let names = identities.prefix(8).map(\.name.quoted)
        return names.joined(separator: ", ") + (identities.count > 8 ? " and others" : "")
    }
}

extension RouteSettings {
    /// The keys that name a target, and those that go with each alone.
    private static let targetKeys: KeyValuePairs<String, [String]> = [
        "exec": ["directory", "time_limit"],
        "stream": ["directory", "time_limit", "window"],
        "mqtt": ["time_limit", "window"],
        "nats": ["time_limit", "window"],
        "kafka": ["time_limit", "window"],
        "webhook": [
            "headers", "secret", "secret_file", "ca_file", "time_limit", "proxy", "proxy_user", "proxy_password",
            "proxy_password_file", "keep_alive", "batch", "batch_bytes", "batch_format",
        ],
        "file": ["mode"],
    ]

    /// Nil where there is no target, or more than one, or it is wrong, which is reported.
    static func target(reading table: TableReader) -> Target? {
        let exec = ExecSettings(reading: table)
        let stream = StreamSettings(reading: table)
        let webhook = WebhookSettings(reading: table)
        let file = FileTargetSettings(reading: table)
        let written = targetKeys.map(\.key).filter(table.holds)
        guard let kind = written.first, written.count == 1 else {
            report(written, in: table)
            return nil
        }
        reportMisfits(of: kind, in: table)
        let target =
            exec.map(Target.exec) ?? stream.map(Target.stream) ?? webhook.map(Target.webhook) ?? file.map(Target.file)
        table.foundDefault("time_limit", target?.timeLimit?.spelled.asTOML)
        return target
    }

    /// There is not one target in `written`.
    private static func report(_ written: [String], in table: TableReader) {
        guard table.isPresent else { return }
        if written.isEmpty {
            table.site.report(
                "has no target. Write one of exec = [\"/path/to/program\"], stream = [\"/path/to/program\"], "
                    + "mqtt = { … }, nats = { … }, kafka = { … }, webhook = \"https://…\" or file = \"/path/to/directory\" in it."
            )
        }
        for other in written.dropFirst() {
            table.site(of: other).report(
                "is set together with \(written[0]). A route has one target: write another [[route]] for this one.")
        }
    }

    /// Reports the keys that go with another target than `kind`.
    private static func reportMisfits(of kind: String, in table: TableReader) {
        let fitting = Set(targetKeys.first { $0.key == kind }?.value ?? [])
        table.hasNoUse(for: Set(targetKeys.flatMap(\.value)).subtracting(fitting))
        var seen: Set<String> = []
        for (_, others) in targetKeys {
            for key in others where !fitting.contains(key) && table.holds(key) && seen.insert(key).inserted {
                let owners = targetKeys.filter { $0.value.contains(key) }.map(\.key)
                let others = owners.dropLast().joined(separator: ", ")
                let named = others.isEmpty ? owners.joined() : "\(others) and \(owners.last ?? "")"
                table.site(of: key).report("does not apply to \(kind), but to \(named). Leave it out.")
            }
        }
    }
}

extension RouteSettings.Target {
    /// For one message; nil where there is no limit.
    fileprivate var timeLimit: Duration? {
        switch self {
        case .exec(let exec): exec.timeLimit
        case .stream(let stream): stream.timeLimit
        case .webhook(let webhook): webhook.timeLimit
        case .file: nil
        }
    }
}

extension TableReader {
    /// How long a target may take over one message.
    func timeLimit(default standard: Duration) -> Duration {
        optional("time_limit", takesEffect: .atOnce, .duration(in: .milliseconds(100) ... .seconds(3600))) ?? standard
    }
}
