/// `[api]`: the local API.
package struct APISettings: Equatable, Sendable {
    /// Whether there is one.
    package var isEnabled = true
    /// The socket's absolute path; nil for `mpushd.sock` in `$RUNTIME_DIRECTORY`, or in `/run/mpushd`. One that systemd
    /// hands over goes before it.
    package var socket: String?
    /// The group whose members may change things; nil for the socket's own.
    package var group: GroupReference?
    /// Messages that a follower may have without having acknowledged them.
    package var followerWindow = 256
    /// How long a follower may take nothing of what is sent to it.
    package var followerStall: Duration = .seconds(30)

    package init() {}
}

extension APISettings {
    init(reading table: TableReader) {
        isEnabled = table.value("enabled", takesEffect: .atRestart, .flag, default: isEnabled)
        socket = table.optional("socket", takesEffect: .atRestart, .socket)
        group = table.optional("group", takesEffect: .atRestart, .group)
        followerWindow = table.value(
            "follower_window", takesEffect: .atOnce, .count(in: 1...10_000), default: followerWindow)
        followerStall = table.value(
            "follower_timeout", takesEffect: .atOnce, .duration(in: .seconds(1) ... .seconds(3600)),
            default: followerStall)
    }
}

/// A group of users as the configuration names it.
package struct GroupReference: Hashable, Sendable {
    /// Its name, or its number, as it was written.
    package let name: String
    /// nil where the machine could not be asked for it.
    package let number: UInt32?

    /// A reference to the group `name`.
    package init(name: String, number: UInt32?) {
        self.name = name
        self.number = number
    }
}
