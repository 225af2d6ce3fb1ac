import MPushModel
import MPushPlatform

/// What the service manager knows of a unit, in a sentence.
struct ServiceState {
    /// What is asked of `systemctl show`.
    static let properties = [
        "LoadState", "ActiveState", "SubState", "UnitFileState", "StatusText", "ExecMainCode", "ExecMainStatus",
    ]

    private let unit: String
    private let values: [String: String]
    /// What the journal says of the start that failed; nil for nothing.
    private let reason: String?

    /// - Parameters:
    ///   - show: lines `Name=value`, as `systemctl show` prints them.
    ///   - journal: the last lines about the unit, the newest last.
    init(of unit: String, show: String, journal: String = "") {
        self.unit = unit
        values = Dictionary(
            show.split(separator: "\n").compactMap { line in
                line.firstIndex(of: "=").map { (String(line[..<$0]), String(line[line.index(after: $0)...])) }
            }, uniquingKeysWith: { $1 })
        // mpushd.service: Failed to set up mount namespacing: /srv/push: No such file or directory
        reason = journal.split(separator: "\n").last { $0.contains(": Failed to ") }
            .map { String($0.hasPrefix("\(unit): ") ? $0.dropFirst(unit.count + 2) : $0).shown(atMost: 400) }
    }

    /// `mpushd.service is restarting: 226/NAMESPACE, Failed to set up mount namespacing: /srv/push: No such file or directory`;
    /// nil where the service manager does not say.
    var sentence: String? {
        guard let load = values["LoadState"], let active = values["ActiveState"] else { return nil }
        if load == "not-found" { return "\(unit) is not installed." }
        let text = values["StatusText"].flatMap { $0.isEmpty ? nil : ": \($0.shown(atMost: 200))" } ?? ""
        switch (active, values["SubState"] ?? "") {
        case ("activating", "auto-restart"), ("activating", "auto-restart-queued"): return "\(unit) is restarting\(end)"
        case ("activating", _): return "\(unit) is starting\(text)"
        case ("deactivating", _): return "\(unit) is stopping\(text)"
        case ("active", _), ("reloading", _):
            return
                "\(unit) is running\(text). Its API may be switched off, or have another socket ([api] of its configuration)."
        case ("failed", _): return "\(unit) has failed\(end)"
        default:
            let start = values["UnitFileState"] == "disabled" ? "enable --now" : "start"
            return "\(unit) is stopped. To start it: sudo systemctl \(start) \(unit)"
        }
    }

    /// How it ended last: `: 226/NAMESPACE, ...`
    private var end: String {
        guard let status = values["ExecMainStatus"].flatMap({ Int($0) }) else { return "" }
        let how: String
        switch values["ExecMainCode"] {
        case "1": how = ServiceState.exit(status)
        case "2", "3": how = "ended by signal \(status)"
        default: return reason.map { ": \($0)" } ?? ""
        }
        return ": " + [how, reason].compactMap(\.self).joined(separator: ", ")
    }

    /// What systemd itself ends a service with that cannot be started (systemd.exec(5), "Process Exit Codes"), and what mpushd
    /// does.
    private static func exit(_ status: Int) -> String {
        switch status {
        case 73: "exit status 73, the state directory cannot be written"
        case 75: "exit status 75, another mpushd uses the state directory"
        case 78: "exit status 78, wrong configuration. See: mpushd check"
        case 200: "200/CHDIR"
        case 203: "203/EXEC"
        case 208: "208/STDIN"
        case 209: "209/STDOUT"
        case 214: "214/SETSCHEDULER"
        case 216: "216/GROUP"
        case 217: "217/USER"
        case 218: "218/CAPABILITIES"
        case 219: "219/CGROUP"
        case 226: "226/NAMESPACE"
        case 227: "227/NO_NEW_PRIVILEGES"
        case 228: "228/SECCOMP"
        case 233: "233/RUNTIME_DIRECTORY"
        case 238: "238/STATE_DIRECTORY"
        case 239: "239/CACHE_DIRECTORY"
        case 240: "240/LOGS_DIRECTORY"
        case 241: "241/CONFIGURATION_DIRECTORY"
        case 243: "243/CREDENTIALS"
        default: "exit status \(status)"
        }
    }
}

extension ServiceState {
    /// Asks the service manager of this machine, for two seconds at most each; nil where there is none.
    static func sentence(of unit: String) -> String? {
        let show = ChildOutput.of(
            ["systemctl", "show", unit, "--property=" + properties.joined(separator: ",")], within: .seconds(2),
            atMost: 65_536, clock: MachineClock())
        guard show.shortfall == nil else { return nil }
        let journal = ChildOutput.of(
            ["journalctl", "--no-pager", "-q", "-o", "cat", "-n", "30", "-u", unit], within: .seconds(2),
            atMost: 262_144, clock: MachineClock())
        return ServiceState(of: unit, show: show.text, journal: journal.shortfall == nil ? journal.text : "").sentence
    }
}
