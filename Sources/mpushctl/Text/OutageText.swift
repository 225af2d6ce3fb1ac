import MPushControl
import MPushModel
import MPushPlatform

/// An outage in words: since when, how many attempts, the last error, what comes next.
struct OutageText {
    private let outage: OutageReport
    private let identity: IdentityReport
    private let now: WallTime

    init(_ outage: OutageReport, of identity: IdentityReport, at now: WallTime) {
        self.outage = outage
        self.identity = identity
        self.now = now
    }

    /// `offline since 02:10 (9 h 3 min), 118 attempts, next in 97 s`
    var sentence: String {
        "offline since \(outage.since.humanReadable(at: now)) (\(outage.age.humanReadable)), \(progress)"
    }

    /// `connection refused, 118 attempts, next in 97 s`
    var reason: String {
        let error = identity.lastLoss.map { $0.sentence.shown(atMost: 200) + ", " } ?? ""
        return error + progress
    }

    private var progress: String {
        let count = outage.attempts
        let attempts = count == 0 ? nil : "\(count.grouped) \(count == 1 ? "attempt" : "attempts")"
        return [attempts, next].compactMap(\.self).joined(separator: ", ")
    }

    private var next: String {
        let age = (identity.stateAge ?? .zero).humanReadable
        switch identity.state {
        case .waiting: return identity.nextAttempt.map { "next in \($0.humanReadable)" } ?? "waiting"
        case .noNetwork: return "no route to a server, waiting for the network"
        case .resolving, .connecting, .proxy, .securing, .resuming, .handshaking, .binding, .closing, .online, .suspect,
            .paused, .unbound:
            return "\(identity.state.rawValue) for \(age)"
        }
    }
}
