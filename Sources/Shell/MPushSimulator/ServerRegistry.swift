/// What the connections of a simulated server share: settings, sessions that can be resumed, and who is bound where.
package struct ServerRegistry: Sendable {
    /// A user has one connection of each client type.
    private struct Route: Hashable {
        let user: String
        let clientType: ClientType
    }

    package var settings: SimulatedServerSettings
    package let sessions: SessionStore
    package var statistics = SimulatorStatistics()
    private var routes: [Route: ConnectionID] = [:]

    package init(
        settings: SimulatedServerSettings = SimulatedServerSettings(), sessions: SessionStore = SessionStore()
    ) {
        self.settings = settings
        self.sessions = sessions
    }

    /// Leads messages for `user` to `connection` from now on. Returns the connection that had this place before.
    package mutating func register(
        _ user: String, _ clientType: ClientType, at connection: ConnectionID
    ) -> ConnectionID? {
        let old = routes.updateValue(connection, forKey: Route(user: user, clientType: clientType))
        return old == connection ? nil : old
    }

    /// Ends what `register` began, unless another connection has taken the place by now.
    package mutating func unregister(_ user: String, _ clientType: ClientType, at connection: ConnectionID) {
        let route = Route(user: user, clientType: clientType)
        if routes[route] == connection { routes[route] = nil }
    }

    /// The connections that `user` is bound on, the oldest first.
    package func connections(of user: String) -> [ConnectionID] {
        ClientType.allCases.compactMap { routes[Route(user: user, clientType: $0)] }.sorted()
    }

    /// All connections that are bound, the oldest first.
    package var boundConnections: [ConnectionID] { routes.values.sorted() }
}

/// What kind of client a handshake came from: a user has one connection of each (PROTOCOL.md section 4.1).
package enum ClientType: Hashable, Sendable, CaseIterable {
    case mobile
    case pc
    case web
    case unknown

    /// The type of the first system whose name is a part of `osName`, as the server looks for it.
    package init(osName: String) {
        let name = osName.lowercased()
        self = Self.allCases.first { type in type.systems.contains { name.contains($0) } } ?? .unknown
    }

    private var systems: [String] {
        switch self {
        case .mobile: ["android", "ios"]
        case .pc: ["windows", "mac", "linux"]
        case .web: ["web", "h5"]
        case .unknown: []
        }
    }
}

/// What happened in a simulator since it was made, and what is now.
package struct SimulatorStatistics: Equatable, Sendable {
    package var connectionsNow = 0
    package var connectionsEver = 0
    package var handshakes = 0
    package var resumes = 0
    package var binds = 0
    package var heartbeats = 0
    package var pushes = 0
    package var acks = 0
    package var ackTimeouts = 0
    package var kicks = 0
    /// Requests that were answered with an ERROR.
    package var refusals = 0
    /// From the push to its ACK: the sum over all that were awaited, for the mean.
    package var ackLatencySum: Duration = .zero
    package var ackLatencyMaximum: Duration = .zero
    private var latencies = 0

    package init() {}

    /// The mean time from a push to its ACK; nil when none was measured.
    package var ackLatencyMean: Duration? { latencies == 0 ? nil : ackLatencySum / latencies }

    /// Counts an ACK that came after `latency`.
    mutating func acknowledged(after latency: Duration) {
        acks += 1
        latencies += 1
        ackLatencySum += latency
        ackLatencyMaximum = max(ackLatencyMaximum, latency)
    }
}
