import MPushConfiguration
import MPushConnection
import MPushControl
import MPushModel
import MPushPlatform
import MPushSession
import MPushSystemd

/// How often the server is asked where the network says that: `ping_every = "auto"`.
extension IdentityRunner {
    /// A session is open. Where the one before was lost to the network, that is learnt now.
    func beginKeepalive(over connection: LiveConnection) {
        guard settings.configuration.heartbeat.pingEvery == .learnt, connection.network == nil else { return }
        let network = networkName(of: connection)
        connection.network = network
        let silence = witness.opened(in: network, at: services.timer.now)
        let isNews = silence.map { services.keepalives.forgot(after: $0, in: network) } ?? false
        beat(as: network, over: connection)
        if isNews { log.learnt(reading(of: connection), of: network) }
    }

    /// The server answered: it may have been asked after a longer silence than before.
    func heartbeatAnswered(over connection: LiveConnection) {
        guard let network = connection.network, let health = connection.handler.health else { return }
        let wasSettled = services.keepalives.reading(of: network).isSettled
        let isNews = services.keepalives.survived(health.survived, in: network)
        beat(as: network, over: connection)
        guard isNews else { return }
        let report = reading(of: connection)
        log.learnt(report, of: network, isMinor: report?.reading.isSettled == wasSettled)
    }

    func endKeepalive(over connection: LiveConnection, _ cause: LossCause) {
        guard let network = connection.network else { return }
        witness.ended(cause, after: connection.handler.silenceAtEnd, in: network, at: services.timer.now)
        services.keepalives.left(member, network)
    }

    /// What is known of the network that the connection leads through, and how often the server is asked; nil where that is
    /// not learnt.
    func reading(of connection: LiveConnection) -> KeepaliveReport? {
        guard let network = connection.network, let health = connection.handler.health else { return nil }
        return KeepaliveReport(
            network: network, services.keepalives.reading(of: network), asking: health.beatAfter)
    }

    private func beat(as network: String, over connection: LiveConnection) {
        guard let limit = connection.handler.health?.longestBeatAfter else { return }
        connection.handler.beat(every: services.keepalives.interval(of: member, in: network, limit: limit))
    }

    /// What is on the way forgets, and a proxy is on it.
    private func networkName(of connection: LiveConnection) -> String {
        let link = connection.address.flatMap { services.routes.network(to: $0) } ?? "unknown"
        return connection.tunnel.map { "\(link), proxy \($0.proxy)" } ?? link
    }
}
