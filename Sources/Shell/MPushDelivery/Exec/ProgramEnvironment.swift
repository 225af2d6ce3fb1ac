import MPushInbox
import MPushModel
import MPushSystemd

/// The environment of a route's program: what a program needs to find its way, and what there is to know of the message.
/// Nothing else of the daemon's: credentials and the service manager's socket are not for programs.
enum ProgramEnvironment {
    /// Handed on where they are set (environ(7), systemd.exec(5)); MPUSHD_SOCKET is where mpushctl(1) finds this daemon.
    private static let handedOn = [
        "PATH", "LANG", "HOME", "TZ", "MPUSHD_SOCKET", "STATE_DIRECTORY", "RUNTIME_DIRECTORY", "CACHE_DIRECTORY",
        "LOGS_DIRECTORY",
        "CONFIGURATION_DIRECTORY",
    ]

    static func make(
        for message: StoredMessage, route: String, attempt: Int, from environment: ServiceEnvironment
    ) -> [String] {
        let inherited = handedOn.compactMap { name in environment[name].map { (name, $0) } }
        let own = [
            ("MPUSH_ID", message.id), ("MPUSH_USER", message.user), ("MPUSH_IDENTITY", message.identity),
            ("MPUSH_TYPE", message.type.map(String.init) ?? ""), ("MPUSH_RECEIVED", message.received.rfc3339),
            ("MPUSH_ROUTE", route), ("MPUSH_ATTEMPT", String(attempt)),
        ]
        return inherited.map { "\($0)=\($1)" } + own.map { "\($0)=\(onOneLine($1))" }
    }

    /// Control characters percent-encoded: a value is one line, and ends where it ends.
    static func onOneLine(_ value: String) -> String {
        guard value.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return value }
        var result = ""
        for scalar in value.unicodeScalars {
            guard scalar.value < 0x20 || scalar.value == 0x7F else {
                result.unicodeScalars.append(scalar)
                continue
            }
            result += scalar.value < 0x10 ? "%0" : "%"
            result += String(scalar.value, radix: 16, uppercase: true)
        }
        return result
    }
}
