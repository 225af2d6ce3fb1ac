import MPushModel
package import MPushPlatform
import MPushSupervision

/// The one line of truth that `systemctl status` shows (sd_notify(3), STATUS=). It is read later than it is written: its
/// times are those of the clock.
package enum StatusLine {
    /// How many identities that are not online are named.
    private static let mostNamed = 3

    /// The line for all identities, as `clock` has the time.
    package static func text(for identities: FleetSummary, by clock: any ClockSource) -> String {
        if let only = identities.only { return sentence(for: only, clock) }
        let count = "\(identities.online) of \(identities.count) online"
        let named = identities.firstOffline(mostNamed).map { text(for: $0, named: $0.name, clock) }
        let more = identities.count - identities.online - named.count
        return ([count] + named + (more > 0 ? ["and \(more) more"] : [])).joined(separator: "; ")
    }

    private static func sentence(for identity: IdentityStatus, _ clock: any ClockSource) -> String {
        let place = identity.endpoint.map { " at \($0)" } ?? ""
        if identity.state == .unbound, let heartbeat = identity.heartbeat {
            return "connected\(place) without a user, heartbeat \(heartbeat.humanReadable); mpushctl bind binds "
                + identity.user
        }
        guard identity.isBound, let heartbeat = identity.heartbeat else {
            return text(for: identity, named: identity.user, clock)
        }
        let doubt = identity.state == .suspect ? "; suspect: a read was missed" : ""
        return "online as \(identity.user)\(place), heartbeat \(heartbeat.humanReadable)\(doubt)"
    }

    /// One that is not online.
    private static func text(for identity: IdentityStatus, named name: String, _ clock: any ClockSource) -> String {
        let (now, wall) = (clock.now, clock.wall)
        let next: OutageText.Next =
            identity.nextAttempt.map { .attemptAt(wall.advanced(by: $0 - now).localSecondsText) }
            ?? .state(identity.state, for: nil)
        if let outage = identity.outage, outage.attempts > 0 || identity.lastLoss != nil {
            let since = wall.advanced(by: outage.began - now).humanReadable(at: wall)
            let text = OutageText(
                since: since, age: nil, attempts: outage.attempts, error: identity.lastLoss?.sentence, next: next)
            return "\(name) \(text.sentence)"
        }
        if identity.state == .unbound { return "\(name): connected without a user" }
        let loss = identity.lastLoss.map { " (last: \($0.sentence))" } ?? ""
        return "\(name): \(next.text)\(loss)"
    }
}
