import MPushConfiguration
package import MPushConnection
import MPushControl
package import MPushModel
import MPushPlatform
package import MPushSession
package import MPushTLS
import NIOCore

/// The connection's news.
extension IdentityRunner: ConnectionObserver {
    package func connectionSecured(_ info: TLSConnectionInfo?) {
        tlsInfo = info
        changed()
    }

    package func sessionReported(_ report: SessionReport) {
        guard case .connected(_, let endpoint) = attempt else { return }
        switch report {
        case .online(let online):
            wentOnline(SessionOpening(isResumed: online.isResumed, heartbeat: online.heartbeat))
        case .opened(let isResumed, let heartbeat):
            wentOnline(SessionOpening(isResumed: isResumed, heartbeat: heartbeat))
        case .heartbeatAnswered(let roundTrip): heartbeatAnswered(roundTrip)
        case .readMissed: counters.missedReads += 1
        case .rebound: bindingsEnded(.done)
        case .httpProxyUnsupported: withoutHTTPProxy.insert(endpoint)
        case .resumeRefused, .absurdHeartbeat, .readRecovered, .unbound, .unhandledCommand, .serverError,
            .kickForAnother, .kickAfterUnbind:
            break
        }
        log.write(report, endpoint: endpoint, profile: profile, tls: tlsInfo, setup: BootClock.now() - attemptBegan)
        changed()
    }

    package func ticketChanged(_ ticket: SessionTicket?) {
        tickets.keep(ticket)
    }

    package func requestCompleted(_ token: RequestToken, _ outcome: RequestOutcome) {
        requests.completed(token)?(outcome)
    }

    package func connectionEnded(_ cause: LossCause) {
        ended(cause)
    }

    package func messagesReceived(_ messages: [ReceivedMessage]) {
        guard case .connected(let handler, let endpoint) = attempt else { return }
        log.received(messages, from: endpoint, user: profile.identity.userID)
        let bytes = messages.reduce(0) { $0 + $1.content.readableBytes }
        counters.received += UInt64(messages.count)
        counters.receivedBytes += UInt64(bytes)
        let origin = MessageOrigin(identity: profile.name, user: profile.identity.userID, received: BootClock.wall())
        services.budget.take(messages: messages.count, bytes: bytes)
        if gate.received(messages: messages.count, bytes: bytes) {
            handler.setConsumerIsBehind(true)
            fellBehind()
        }
        batchesBeingTaken += 1
        let arrived = BootClock.now()
        consumer.take(messages, from: origin, confirmer: ConnectionConfirmer(handler)) { [weak self, weak handler] in
            self?.taken(messages, bytes: bytes, arrived: arrived, by: handler, $0)
        }
    }

    private func taken(
        _ messages: [ReceivedMessage], bytes: Int, arrived: Instant, by handler: ConnectionHandler?,
        _ taken: TakenMessages
    ) {
        services.budget.giveBack(messages: messages.count, bytes: bytes)
        confirm(messages, taken, by: handler)
        count(taken)
        counters.ackLatency.observe(BootClock.now() - arrived)
        batchesBeingTaken -= 1
        guard case .connected(let current, _) = attempt, current === handler else { return onChange() }
        gate.confirmed(messages: messages.count, bytes: bytes)
    }

    private func confirm(_ messages: [ReceivedMessage], _ taken: TakenMessages, by handler: ConnectionHandler?) {
        guard let handler else { return }
        let pairs = zip(messages, taken.progress)
        handler.messagesConfirmed(pairs.lazy.filter { $0.1 != nil }.map(\.0), .stored)
        handler.messagesConfirmed(pairs.lazy.filter { $0.1 == .consumed }.map(\.0), .consumed)
    }

    private func count(_ taken: TakenMessages) {
        let refused = taken.progress.count { $0 == nil }
        counters.duplicates += UInt64(taken.duplicates)
        counters.refused += UInt64(refused)
        counters.stored += UInt64(taken.progress.count - refused - taken.duplicates)
        if refused > 0 { notTaken(refused, why: taken.refusal ?? "they could not be stored") }
    }

    private func heartbeatAnswered(_ roundTrip: Duration) {
        counters.heartbeatsAnswered += 1
        counters.roundTrip = roundTrip
        counters.roundTrips.observe(roundTrip)
    }

    /// Said once a minute at most.
    private func fellBehind() {
        let now = BootClock.now()
        if let lastBehind, now - lastBehind < .seconds(60) { return }
        lastBehind = now
        log.behind(user: profile.identity.userID)
    }

    /// Said once a minute at most.
    private func notTaken(_ count: Int, why: String) {
        let now = BootClock.now()
        if let lastNotTaken, now - lastNotTaken < .seconds(60) { return }
        lastNotTaken = now
        log.notTaken(count, why: why, user: profile.identity.userID)
    }
}

/// What was agreed when a session was opened.
package struct SessionOpening {
    /// Whether a stored session was resumed, without RSA.
    package let isResumed: Bool
    package let heartbeat: Duration
}

/// Takes late confirmations of messages back to the connection that they came over, if that is still there.
package final class ConnectionConfirmer: MessageConfirmer {
    private weak var handler: ConnectionHandler?

    package init(_ handler: ConnectionHandler) {
        self.handler = handler
    }

    package func messageConsumed(_ message: ReceivedMessage) {
        handler?.messagesConfirmed(CollectionOfOne(message), .consumed)
    }
}
