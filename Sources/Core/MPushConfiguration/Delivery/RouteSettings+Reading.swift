import MPushRouting

extension RouteSettings {
    /// Nil where something required is missing or wrong, which is reported.
    init?(reading table: TableReader, identities: [IdentitySettings]?) {
        let name = table.required("name", .identityName, meaning: "what the route is called")
        let filter = RouteFilter(reading: table.table("when"), identities: identities)
        let target = RouteSettings.target(reading: table)
        let concurrency = table.value("concurrency", .count(in: 1...64), default: 1)
        let retry = RetryPolicy(reading: table)
        let start = table.value("start", .choice, default: Start.new)
        guard let name, let target else { return nil }
        self.init(name: name, filter: filter, target: target, concurrency: concurrency, retry: retry, start: start)
    }
}

extension RetryPolicy {
    fileprivate init(reading table: TableReader) {
        self.init()
        attempts = table.value("attempts", .count(in: 1...1000), default: attempts)
        shortestWait = table.value(
            "retry_min", .duration(in: .milliseconds(100) ... .seconds(3600)), default: shortestWait)
        longestWait = table.value(
            "retry_max", .duration(in: .milliseconds(100) ... .seconds(86_400)), default: longestWait)
        table.checkOrder("retry_min", shortestWait, "retry_max", longestWait)
    }
}

extension RouteFilter {
    /// Reads `when`. What is wrong is reported, and counts as not asked for.
    fileprivate init(reading table: TableReader, identities known: [IdentitySettings]?) {
        self.init()
        types = table.optional("type", .oneOrMore(of: .messageType, atMost: 64))
        let user = ValueFormat.text(example: "alice", atMost: 256, mayHoldComma: true)
        users = table.optional("user", .oneOrMore(of: user, atMost: 1024))
        identities = table.optional("identity", .oneOrMore(of: .identityName, atMost: 1024))
        let equal = table.optional("field", .equalFields) ?? []
        let matching = table.optional("matches", .matchingFields) ?? []
        fields = equal + matching
        content = table.optional("content", .pattern)
        guard let known, let identities else { return }
        let names = Set(known.map(\.name))
        for identity in identities where !names.contains(identity) {
            table.site(of: "identity").report(
                "no identity is called \(identity.quotedForDisplay). There are \(RouteFilter.listed(known)).")
        }
    }

    private static func listed(_ identities: [IdentitySettings]) -> String {
        let names = identities.prefix(8).map(\.name.quotedForDisplay)
        return names.joined(separator: ", ") + (identities.count > 8 ? " and others" : "")
    }
}
