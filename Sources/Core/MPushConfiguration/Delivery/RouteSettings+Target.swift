import MPushRouting

extension RouteSettings.Target {
    /// The keys that name a target, and those that go with each alone.
    private static let keys: KeyValuePairs<String, [String]> = [
        "exec": ["directory", "time_limit"],
        "webhook": ["headers", "secret", "secret_file", "ca_file", "time_limit"],
        "file": ["mode"],
    ]

    /// Nil where there is no target, or more than one, or it is wrong, which is reported.
    init?(reading table: TableReader) {
        let exec = ExecSettings(reading: table)
        let webhook = WebhookSettings(reading: table)
        let file = FileTargetSettings(reading: table)
        let written = RouteSettings.Target.keys.map(\.key).filter(table.holds)
        guard let kind = written.first, written.count == 1 else {
            RouteSettings.Target.report(written, in: table)
            return nil
        }
        RouteSettings.Target.reportMisfits(of: kind, in: table)
        let targets: [RouteSettings.Target?] = [
            exec.map(RouteSettings.Target.exec), webhook.map(RouteSettings.Target.webhook),
            file.map(RouteSettings.Target.file),
        ]
        guard let target = targets.compactMap(\.self).first else { return nil }
        self = target
    }

    /// There is not one target in `written`.
    private static func report(_ written: [String], in table: TableReader) {
        guard table.isPresent else { return }
        if written.isEmpty {
            table.site.report(
                "leads nowhere. Write one of exec = [\"/path/to/program\"], webhook = \"https://…\" or "
                    + "file = \"/path/to/directory\" in it.")
        }
        for other in written.dropFirst() {
            table.site(of: other).report(
                "stands beside \(written[0]). A route leads to one place: write another [[route]] for this one.")
        }
    }

    /// Reports the keys that go with another target than `kind`.
    private static func reportMisfits(of kind: String, in table: TableReader) {
        let fitting = Set(keys.first { $0.key == kind }?.value ?? [])
        var seen: Set<String> = []
        for (_, others) in keys {
            for key in others where !fitting.contains(key) && table.holds(key) && seen.insert(key).inserted {
                let owners = keys.filter { $0.value.contains(key) }.map(\.key)
                table.site(of: key).report(
                    "is of no use with \(kind): it goes with \(owners.joined(separator: " and ")). Leave it out.")
            }
        }
    }
}

extension WebhookSettings {
    /// Nil where there is none, and where it is wrong, which is reported.
    fileprivate init?(reading table: TableReader) {
        let url = table.optional("webhook", .webhookURL)
        let headers = table.optional("headers", .headers) ?? []
        let secret = Credential(reading: table, key: "secret", example: "$CREDENTIALS_DIRECTORY/hook")
        let authorities = table.optional("ca_file", .file(example: "/etc/mpushd/ca.pem"))
        guard let url else { return nil }
        if url.scheme == .http, table.holds("ca_file") {
            table.site(of: "ca_file").report("is of no use with http. Leave it out, or use https.")
        }
        self.init(
            url: url, headers: headers, secret: secret, timeLimit: table.timeLimit(default: .seconds(15)),
            authorities: authorities)
    }
}

extension FileTargetSettings {
    /// Nil where there is none, and where it is wrong, which is reported.
    fileprivate init?(reading table: TableReader) {
        let directory = table.optional("file", .directory(example: "/var/spool/push"))
        let mode = table.value("mode", .fileMode, default: 0o640)
        guard let directory else { return nil }
        self.init(directory: directory, mode: mode)
    }
}

extension TableReader {
    /// How long a target may take over one message.
    func timeLimit(default standard: Duration) -> Duration {
        optional("time_limit", .duration(in: .milliseconds(100) ... .seconds(3600))) ?? standard
    }
}
