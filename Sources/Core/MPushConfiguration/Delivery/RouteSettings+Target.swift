extension RouteSettings {
    /// The keys that name a target, and those that go with each alone.
    private static let targetKeys: KeyValuePairs<String, [String]> = [
        "exec": ["directory", "time_limit"],
        "webhook": ["headers", "secret", "secret_file", "ca_file", "time_limit"],
        "file": ["mode"],
    ]

    /// Nil where there is no target, or more than one, or it is wrong, which is reported.
    static func target(reading table: TableReader) -> Target? {
        let exec = ExecSettings(reading: table)
        let webhook = WebhookSettings(reading: table)
        let file = FileTargetSettings(reading: table)
        let written = targetKeys.map(\.key).filter(table.holds)
        guard let kind = written.first, written.count == 1 else {
            report(written, in: table)
            return nil
        }
        reportMisfits(of: kind, in: table)
        return exec.map(Target.exec) ?? webhook.map(Target.webhook) ?? file.map(Target.file)
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
        let fitting = Set(targetKeys.first { $0.key == kind }?.value ?? [])
        var seen: Set<String> = []
        for (_, others) in targetKeys {
            for key in others where !fitting.contains(key) && table.holds(key) && seen.insert(key).inserted {
                let owners = targetKeys.filter { $0.value.contains(key) }.map(\.key)
                table.site(of: key).report(
                    "is of no use with \(kind): it goes with \(owners.joined(separator: " and ")). Leave it out.")
            }
        }
    }
}

extension TableReader {
    /// How long a target may take over one message.
    func timeLimit(default standard: Duration) -> Duration {
        optional("time_limit", .duration(in: .milliseconds(100) ... .seconds(3600))) ?? standard
    }
}
