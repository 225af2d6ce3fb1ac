import MPushConnection
import MPushIdentity
import MPushModel

/// The one line of truth that `systemctl status` shows (sd_notify(3), STATUS=).
enum StatusLine {
    /// How many identities that are not online are named.
    private static let mostNamed = 3

    /// The line for all identities.
    static func text(for identities: FleetSummary) -> String {
        if let only = identities.only { return sentence(for: only) }
        let offline = identities.count - identities.online
        let count = "\(identities.online) of \(identities.count) online"
        let named = identities.firstOffline(mostNamed).map { "\($0.name): \(text(for: $0))" }
        let more = offline > mostNamed ? ["and \(offline - mostNamed) more"] : []
        return ([count] + named + more).joined(separator: "; ")
    }

    private static func sentence(for identity: IdentityStatus) -> String {
        let place = identity.endpoint.map { " at \($0)" } ?? ""
        if identity.state == .unbound, let heartbeat = identity.heartbeat {
            return "connected\(place) without a user, heartbeat \(heartbeat.humanReadable); mpushctl bind binds "
                + identity.user
        }
        guard identity.isBound, let heartbeat = identity.heartbeat else {
            return "not online as \(identity.user)\(place): \(text(for: identity))"
        }
        let doubt = identity.state == .suspect ? "; suspect: a read was missed" : ""
        return "online as \(identity.user)\(place), heartbeat \(heartbeat.humanReadable)\(doubt)"
    }

    private static func text(for identity: IdentityStatus) -> String {
        if identity.state == .unbound { return "connected without a user" }
        guard let loss = identity.lastLoss else { return identity.state.rawValue }
        return "\(identity.state.rawValue) (last: \(loss.sentence))"
    }
}
