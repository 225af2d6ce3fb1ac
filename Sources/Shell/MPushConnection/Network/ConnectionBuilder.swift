import MPushConfiguration
package import MPushModel
import MPushPlatform
package import MPushSession
package import MPushTLS
package import NIOCore

/// Puts together the connections to servers and allocators that settings ask for: the one place where a pipeline is built.
package struct ConnectionBuilder {
    private let settings: LoadedSettings
    private let surroundings: Connector.Environment
    private let tlsSessions: TLSSessionCache

    /// - Parameter tlsSessions: where TLS sessions are taken from and left.
    package init(_ settings: LoadedSettings, in surroundings: Connector.Environment, tlsSessions: TLSSessionCache) {
        self.settings = settings
        self.surroundings = surroundings
        self.tlsSessions = tlsSessions
    }

    /// Whether connections to servers begin with TLS.
    package var isSecured: Bool { settings.transport.server != nil }

    /// The name that the certificate of `endpoint` has to have.
    package func serverName(of endpoint: Endpoint) -> String {
        settings.configuration.tls.serverName ?? endpoint.host
    }

    /// What asks the allocator at `url`.
    package func allocatorClient(
        _ url: HTTPURL, userAgent: String, completion: @escaping AllocatorClient.Completion
    ) -> AllocatorClient {
        AllocatorClient(
            url, tls: settings.transport.allocator, proxy: settings.proxies.proxy(for: url),
            timeout: settings.configuration.server.allocatorTimeout, userAgent: userAgent, in: surroundings,
            completion: completion)
    }

    /// The proxy that leads to `endpoint`; nil for none.
    package func proxy(to endpoint: Endpoint) -> LoadedProxy? {
        settings.proxies.secure.flatMap { $0.leads(to: endpoint.host, port: endpoint.port) ? $0 : nil }
    }

    /// What has to be reached first on a way.
    package struct FirstHop: Equatable {
        package let host: String
        package let port: UInt16
        /// Whether it is the way that is gone where a proxy does not help.
        package let isFallback: Bool
    }

    /// What has to be reached for a connection to `endpoint`, one of them: it, or its proxy, or either.
    package func firstHops(to endpoint: Endpoint) -> [FirstHop] {
        ConnectionBuilder.firstHops(to: endpoint.host, endpoint.port, by: proxy(to: endpoint))
    }

    /// What has to be reached for an exchange with `url`, one of them.
    package func firstHops(to url: HTTPURL) -> [FirstHop] {
        ConnectionBuilder.firstHops(to: url.host, url.port, by: settings.proxies.proxy(for: url))
    }

    static func firstHops(to host: String, _ port: UInt16, by proxy: LoadedProxy?) -> [FirstHop] {
        let direct = FirstHop(host: host, port: port, isFallback: proxy != nil)
        guard let proxy else { return [direct] }
        let place = proxy.url.endpoint
        let first = FirstHop(host: place.host, port: place.port, isFallback: false)
        return proxy.fallsBack ? [first, direct] : [first]
    }

    /// What makes the connection to `endpoint`, over TCP or a proxy. `lookup` finds its addresses, where not as usual.
    package func connector(
        to endpoint: Endpoint, lookup: NameLookup? = nil, completion: @escaping Connector.Completion
    ) -> Connector {
        Connector(
            to: endpoint.host, port: endpoint.port, limits: settings.connectLimits, by: settings.proxies.secure,
            in: lookup.map(surroundings.with(lookup:)) ?? surroundings, completion: completion)
    }

    /// The driver of a session with `endpoint`, which `start(on:)` puts on a channel of a connector.
    /// - Parameters:
    ///   - session: what the session is told.
    ///   - carryover: what it begins with.
    ///   - ticket: of the session to resume; nil for none.
    ///   - key: which of the server's keys the handshake is encrypted to, by its number.
    package func connection(
        to endpoint: Endpoint, session: SessionSettings, carryover: SessionCarryover, ticket: SessionTicket?,
        key: Int = 0, observer: any ConnectionObserver
    ) throws -> ConnectionHandler {
        let configuration = settings.configuration
        let keys = settings.serverKeys
        return ConnectionHandler(
            machine: SessionStateMachine(
                settings: session, carryover: carryover, endpoint: endpoint, ticket: ticket,
                secrets: try HandshakeSecrets.random()),
            codec: PacketCodec(
                serverKey: keys.indices.contains(key) ? keys[key] : settings.serverKey, limits: configuration.limits),
            isSecured: isSecured, tls: try tlsHandler(for: endpoint), stallLimit: configuration.timeouts.tcpUser,
            limits: ConnectionEnding.Limits(securing: configuration.tls.handshakeTimeout, session: session),
            timer: surroundings.timer, observer: observer)
    }

    private func tlsHandler(for endpoint: Endpoint) throws(TLSConfigurationError) -> TLSHandler? {
        guard let context = settings.transport.server else { return nil }
        return try TLSHandler(
            client: context, serverName: serverName(of: endpoint), port: Int(endpoint.port), sessions: tlsSessions,
            handshakeTimeout: settings.configuration.tls.handshakeTimeout, timer: surroundings.timer)
    }

    /// Puts `handlers` on `channel`, which a connector has made and which does not read yet, with `tls` in front, and reads.
    static func begin(on channel: any Channel, with handlers: [any ChannelHandler], behind tls: TLSHandler?) throws {
        let pipeline = channel.pipeline.syncOperations
        let tunnel = tunnel(on: channel)
        for handler in handlers { try pipeline.addHandler(handler) }
        // Last, because it begins, and may fail, as soon as it is added.
        if let tls { try pipeline.addHandler(tls, position: tunnel.map { .after($0) } ?? .first) }
        tunnel?.release()
        channel.setOption(.autoRead, value: true).assumeIsolated().whenFailure { _ in }
    }

    /// Puts `tunnel` on `channel`, which is connected to its proxy, and begins.
    static func begin(
        _ tunnel: ProxyTunnel, on channel: any Channel, through proxy: LoadedProxy, limit: Duration, timer: LoopTimer
    ) throws {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(tunnel)
        if let context = proxy.tls {
            let place = proxy.url.endpoint
            let tls = try TLSHandler(
                client: context, serverName: place.host, port: Int(place.port), sessions: nil, handshakeTimeout: limit,
                timer: timer)
            try pipeline.addHandler(tls, position: .first)
        }
        channel.setOption(.autoRead, value: true).assumeIsolated().whenFailure { _ in }
    }

    /// The proxy's that `channel` leads through; nil for none.
    package static func tunnel(on channel: any Channel) -> ProxyTunnel? {
        try? channel.pipeline.syncOperations.handler(type: ProxyTunnel.self)
    }
}
