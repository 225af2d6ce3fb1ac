import MPushConfiguration
import MPushConnection
package import MPushControl
package import MPushModel
import MPushPlatform
import MPushSession
package import MPushSupervision
import MPushTLS

/// What there is to say of one identity at a moment.
package struct IdentityStatus: Equatable, Sendable {
    package let name: String
    /// Who is bound, or is to be where nobody is; the configured one where nobody is wished either.
    package let user: String
    package let state: ConnectionState
    /// The server that is connected to, or tried; nil between two attempts.
    package let endpoint: String?
    /// The heartbeat in force; nil while there is no session.
    package let heartbeat: Duration?
    /// Why the last connection or attempt ended, intended ends not counted; nil before the first.
    package let lastLoss: LossCause?
    /// When the next attempt begins, while waiting for it.
    package let nextAttempt: Instant?
    /// nil while nobody is missed.
    package let outage: OutageWatch.Outage?

    /// Whether messages can come: also while a read was missed, until that is found to be the end.
    package var isBound: Bool { heartbeat != nil && state.isBound }
}

extension IdentityRunner {
    /// What there is to say of the identity now. Made anew only where something has changed.
    package var status: IdentityStatus {
        if let cachedStatus { return cachedStatus }
        let user = binding.bound ?? binding.wished ?? binding.configured
        let status = IdentityStatus(
            name: profile.name, user: user.userID, state: supervisor.state.connectionState(at: stage),
            endpoint: endpoint?.description, heartbeat: connection?.opening?.heartbeat, lastLoss: supervisor.lastLoss,
            nextAttempt: supervisor.nextAttempt, outage: outages.outage)
        cachedStatus = status
        return status
    }

    /// Whether something that was due more than `grace` ago was not done: then a part of the daemon is stuck.
    package func isOverdue(at now: Instant, grace: Duration) -> Bool {
        if let due = supervisor.nextDeadline, now - due > grace { return true }
        return connection?.handler.isOverdue(at: now, grace: grace) ?? false
    }

    /// How often the server is asked; nil while there is no session.
    package var pingEvery: Duration? { connection?.handler.health?.beatAfter }

    /// When the certificate of the connected server ends.
    package var certificateExpiry: WallTime? { connection?.tls?.peer?.notAfter }

    /// How long it has had no bound user where one is wished; nil while it has one.
    package func outage(at now: Instant) -> Duration? { outages.outage.map { now - $0.began } }

    /// The counters with what the connection of now has counted.
    package var totals: IdentityCounters {
        var totals = counters
        if let connection { totals.add(connection.handler.tally) }
        return totals
    }

    /// What became of the identity's messages since the start.
    package var messageCounters: MessageCounters { reception.counters }

    /// The server that is connected to, or tried.
    private var endpoint: Endpoint? {
        switch phase {
        case .resting, .allocating: nil
        case .connecting(_, let endpoint, _): endpoint
        case .connected(let connection): connection.endpoint
        }
    }

    /// How far the attempt, or the connection, has come.
    var stage: ConnectionStage? {
        switch phase {
        case .resting: nil
        case .allocating: .resolving
        case .connecting(let connector, _, _):
            switch connector.stage {
            case .resolving: .resolving
            case .connecting: .connecting
            case .proxy: .proxy
            }
        case .connected(let connection): connection.handler.state.map(ConnectionStage.session) ?? .securing
        }
    }

    // MARK: - In full

    /// All that there is to say of the identity at `now`.
    package func report(at now: Instant) -> IdentityReport {
        var report = IdentityReport(name: profile.name, state: status.state, since: lastState.since.wall)
        report.stateAge = now - lastState.since.instant
        report.set(binding)
        report.connectionNumber = Int(clamping: counters.connections)
        report.endpoint = status.endpoint
        report.proxy = connection?.tunnel?.proxy.description
        report.address = connection?.address?.humanReadable
        report.tlsVersion = connection?.tls?.version
        report.certificate = certificateExpiry.map(certificate)
        if let opening = connection?.opening {
            report.isResumed = opening.isResumed
            report.heartbeat = opening.heartbeat
            report.lastRoundTrip = counters.roundTrip
        }
        if case .online(_, let since) = supervisor.state, report.state.isBound { report.onlineFor = now - since }
        if let health = connection?.handler.health {
            report.pingEvery = health.beatAfter
            report.keepalive = connection.flatMap { reading(of: $0) }
            report.lastAnswerAge = now - health.lastRead
            report.missedReads = health.missedReads
            report.nextBeat = health.nextBeat.map { max(.zero, $0 - now) }
        }
        report.nextAttempt = supervisor.nextAttempt.map { max(.zero, $0 - now) }
        if let outage = outages.outage {
            report.outage = OutageReport(
                since: outage.since, age: now - outage.began, attempts: UInt64(clamping: outage.attempts))
        }
        if let (loss, age) = supervisor.lastEnd.map({ ($0.cause, now - $0.at) }) {
            report.lastLoss = LossReport(
                cause: loss.code, sentence: loss.sentence, ended: services.timer.wall.advanced(by: .zero - age),
                age: age)
        }
        report.messages = messageCounts
        return report
    }

    /// What happened to messages since the start, the connection of now included.
    private var messageCounts: MessageCounts {
        var counts = MessageCounts()
        counts.received = messageCounters.received
        counts.stored = messageCounters.stored
        counts.acknowledged = totals.acknowledged
        counts.duplicates = messageCounters.duplicates
        counts.refused = messageCounters.refused
        return counts
    }

    private func certificate(until expiry: WallTime) -> CertificateReport {
        let left = expiry.millisecondsSince1970 - services.timer.wall.millisecondsSince1970
        return CertificateReport(expires: expiry, daysLeft: Int(clamping: left / 86_400_000))
    }
}

extension IdentityReport {
    /// Whom the server has bound, and who is wished.
    fileprivate mutating func set(_ binding: UserBinding) {
        let shown = binding.bound ?? binding.wished
        user = shown?.userID
        tags = shown?.tags ?? []
        boundUser = binding.bound?.userID
        boundTags = binding.bound?.tags ?? []
        wishedUser = binding.wished?.userID
        wishedTags = binding.wished?.tags ?? []
    }
}
