import MPushConfiguration
import MPushConnection
import MPushControl
import MPushIdentity
import MPushModel
import MPushPlatform
import MPushSession
import MPushSupervision
import MPushTLS

extension IdentityRunner {
    /// The identity's state in the API's words.
    var controlState: IdentityState {
        IdentityState(identity: profile.name, state: status.state)
    }

    /// When the certificate of the connected server ends.
    var certificateExpiry: WallTime? { tlsInfo?.peer?.notAfter }

    /// All that there is to say of the identity at `now`.
    func report(at now: Instant) -> IdentityReport {
        var report = IdentityReport(name: profile.name, state: controlState.state, since: stateSince)
        report.user = shownUser
        report.tags = profile.identity.tags
        report.connectionNumber = Int(clamping: counters.connections)
        report.endpoint = endpoint?.description
        report.tlsVersion = tlsInfo?.version
        report.certificate = certificateExpiry.map(IdentityRunner.certificate)
        if let opening {
            report.isResumed = opening.isResumed
            report.heartbeat = opening.heartbeat
            report.pingEvery = profile.session.health.pingEvery ?? opening.heartbeat - .seconds(1)
            report.lastRoundTrip = counters.roundTrip
        }
        if case .online(_, let since) = supervisor.state, report.state.isBound { report.onlineFor = now - since }
        if case .connected(let handler, _) = attempt, let health = handler.health {
            report.lastAnswerAge = now - health.lastRead
            report.missedReads = health.missedReads
            report.nextBeat = health.nextBeat.map { max(.zero, $0 - now) }
        }
        report.nextAttempt = supervisor.nextAttempt.map { max(.zero, $0 - now) }
        if let loss = supervisor.lastLoss, let lastLossAt {
            report.lastLoss = LossReport(cause: loss.code, sentence: loss.sentence, ended: lastLossAt)
        }
        report.messages = messageCounts
        return report
    }

    /// Who is to be bound; where nobody is, whom the server has all the same.
    var shownUser: String? {
        if isUserWished { return profile.identity.userID }
        guard case .connected(let handler, _) = attempt else { return nil }
        return handler.boundUser
    }

    /// What happened to messages since the start, the connection of now included.
    private var messageCounts: MessageCounts {
        var counts = MessageCounts()
        counts.received = counters.received
        counts.stored = counters.stored
        counts.acknowledged = totals.acknowledged
        counts.duplicates = counters.duplicates
        counts.refused = counters.refused
        return counts
    }

    /// The counters with what the connection of now has counted.
    var totals: IdentityCounters {
        var totals = counters
        if case .connected(let handler, _) = attempt { totals.add(handler.tally) }
        return totals
    }

    private static func certificate(until expiry: WallTime) -> CertificateReport {
        let left = expiry.millisecondsSince1970 - BootClock.wall().millisecondsSince1970
        return CertificateReport(expires: expiry, daysLeft: Int(clamping: left / 86_400_000))
    }
}
