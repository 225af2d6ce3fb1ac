/// What the connections of a simulated server share: settings, sessions that can be resumed, and who is bound where.
package struct ServerRegistry: Sendable {
    /// A user has one connection of each client type.
    private struct Route: Hashable {
        let user: String
        let clientType: ClientType
    }

    package var settings: SimulatedServerSettings
    package var sessions = SessionStore()
    package var statistics = SimulatorStatistics()
    private var routes: [Route: ConnectionID] = [:]

    package init(settings: SimulatedServerSettings = SimulatedServerSettings()) {
        self.settings = settings
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
