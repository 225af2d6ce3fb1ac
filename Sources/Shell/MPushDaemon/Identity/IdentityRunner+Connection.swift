import MPushCause
import MPushConfiguration
import MPushConnection
import MPushPlatform
import MPushSession
import MPushSettings
import MPushTLS
import MPushTime
import NIOCore

/// The connection's news.
extension IdentityRunner: ConnectionObserver {
    func connectionSecured(_ info: TLSConnectionInfo?) {
        tlsInfo = info
        onChange()
    }

    func sessionReported(_ report: SessionReport) {
        guard case .connected(_, let endpoint) = attempt else { return }
        if case .online(let online) = report { wentOnline(online) }
        log.write(report, endpoint: endpoint, profile: profile, tls: tlsInfo, setup: BootClock.now() - attemptBegan)
        onChange()
    }

    func ticketChanged(_ ticket: SessionTicket?) {
        tickets.keep(ticket)
    }

    func requestCompleted(_ token: RequestToken, _ outcome: RequestOutcome) {
        // Requests come with the local API; until then nobody asks.
    }

    func connectionEnded(_ cause: LossCause) {
        ended(cause)
    }

    func messagesReceived(_ messages: [ReceivedMessage]) {
        guard case .connected(let handler, let endpoint) = attempt else { return }
        log.received(messages, from: endpoint, user: profile.identity.userID)
        guard let consumer else { return notTaken(messages.count, why: "nothing takes messages yet") }
        if intake.add(messages) {
            handler.setConsumerIsBehind(true)
            fellBehind()
        }
        batchesBeingTaken += 1
        let origin = MessageOrigin(identity: profile.name, user: profile.identity.userID, received: BootClock.wall())
        consumer.take(messages, from: origin) { [weak self, weak handler] progress in
            self?.taken(messages, by: handler, progress)
        }
    }

    private func taken(
        _ messages: [ReceivedMessage], by handler: ConnectionHandler?, _ progress: MessageProgress?
    ) {
        if let progress {
            handler?.messagesConfirmed(messages, .stored)
            if progress == .consumed { handler?.messagesConfirmed(messages, .consumed) }
        } else {
            notTaken(messages.count, why: "they could not be written")
        }
        batchesBeingTaken -= 1
        guard case .connected(let current, _) = attempt, current === handler else { return onChange() }
        if intake.remove(messages) { current.setConsumerIsBehind(false) }
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
