package import MPushCipher
package import MPushConfiguration
package import MPushModel
package import MPushSession
package import MPushSupervision
import MPushSystemd
package import MPushTLS

/// A configuration with all that it refers to: keys and certificates read and understood, device ids derived. What is
/// here can be run.
package struct LoadedSettings {
    /// The configuration as it was written.
    package let configuration: Configuration
    /// What to say about it all the same: weak keys, plaintext, files that others can read.
    package let warnings: [ConfigurationProblem]
    package let serverKey: RSAPublicKey
    /// What is tried after it where the server refuses it.
    package let otherServerKeys: [RSAPublicKey]
    package let transport: TransportSettings
    package let proxies: LoadedProxies
    package let identities: [IdentityProfile]
    /// In the order of the configuration.
    package let routes: [LoadedRoute]

    /// All keys that the server may have, in the order in which they are tried.
    package var serverKeys: [RSAPublicKey] { [serverKey] + otherServerKeys }

    /// `1 identity, 2 endpoints, 2 routes`, for people.
    package var summary: String {
        let (identities, endpoints) = (configuration.identities.count, configuration.server.endpoints.count)
        let parts = [
            "\(identities) \(identities == 1 ? "identity" : "identities")",
            endpoints == 0 ? nil : "\(endpoints) \(endpoints == 1 ? "endpoint" : "endpoints")",
            configuration.server.allocator.map { "allocator \($0.withoutQuery)" },
            routes.isEmpty ? nil : "\(routes.count) \(routes.count == 1 ? "route" : "routes")",
        ]
        return parts.compactMap(\.self).joined(separator: ", ")
    }

    /// The least level that is written.
    package var logLevel: LogLevel {
        configuration.log.level
    }

    package var plan: EndpointPlan {
        EndpointPlan(
            endpoints: configuration.server.endpoints, isShuffled: configuration.server.order == .shuffled,
            allocator: configuration.server.allocator)
    }

    package var policy: ReconnectPolicy {
        let reconnect = configuration.reconnect
        return ReconnectPolicy(
            shortestWait: reconnect.minimum, longestWait: reconnect.maximum, resetAfter: reconnect.resetAfter,
            onKick: reconnect.onKick == .stop ? .stop : .wait(reconnect.kickWait), attemptLimit: attemptLimit,
            closingLimit: .seconds(15))
    }

    /// Longer than all that may happen from the beginning of an attempt to a session that can be used.
    private var attemptLimit: Duration {
        let times = configuration.timeouts
        let ways = proxies.secure == nil ? 1 : 3
        let steps =
            (times.resolve + times.connect) * ways + configuration.tls.handshakeTimeout + times.handshake * 2
            + times.bind * (1 + times.requestRetries)
        return max(steps, configuration.server.allocatorTimeout) + .seconds(60)
    }

    /// Whether a connection that was made for `before` under the settings `old` is not to be kept for `now` under these:
    /// what is judged, known or told to the server is another. It is what `ChangeEffect.byNewConnection` stands for, and
    /// the content of files counts.
    package func needsNewConnection(for now: IdentityProfile, since old: LoadedSettings, _ before: IdentityProfile)
        -> Bool
    {
        now.session.deviceID != before.session.deviceID || transport.trust != old.transport.trust
            || lacksKey(of: old)
    }

    /// Whether a key that the server might have does not count any more. Another one beside it changes nothing.
    package func lacksKey(of old: LoadedSettings) -> Bool { !old.serverKeys.allSatisfy(serverKeys.contains) }

    package var connectLimits: Connector.Limits {
        Connector.Limits(
            resolve: configuration.timeouts.resolve, connect: configuration.timeouts.connect,
            userTimeout: configuration.timeouts.tcpUser)
    }
}

/// As whom to connect, with all that a session is told.
package struct IdentityProfile: Equatable {
    /// The identity's name in the configuration, logs and files.
    package let name: String
    package let identity: SessionIdentity
    package var session: SessionSettings

    /// The same, but bound as `identity`.
    package func with(identity: SessionIdentity) -> IdentityProfile {
        IdentityProfile(name: name, identity: identity, session: session)
    }
}

/// A route with all that it refers to read and understood.
package struct LoadedRoute {
    package let settings: RouteSettings
    /// For a webhook with https; nil for any other target.
    package let tls: TLSContext?
    /// The key that a webhook's requests are signed with; nil for none.
    package let secret: SecretBytes?
    /// What a webhook's requests lead through; nil for nothing.
    package let proxy: LoadedProxy?

    package init(
        settings: RouteSettings, tls: TLSContext? = nil, secret: SecretBytes? = nil, proxy: LoadedProxy? = nil
    ) {
        self.settings = settings
        self.tls = tls
        self.secret = secret
        self.proxy = proxy
    }
}

extension LoadedRoute: Equatable {
    /// Equal where nothing has changed that the route does: neither its settings nor the content of the files that they
    /// name, nor what `[tls]` demands of every server.
    package static func == (left: LoadedRoute, right: LoadedRoute) -> Bool {
        (left.settings, left.secret, left.proxy) == (right.settings, right.secret, right.proxy)
            && left.tls?.trustDigest == right.tls?.trustDigest
    }
}

/// What a connection runs on.
package struct TransportSettings {
    /// For the server; nil for plaintext.
    package let server: TLSContext?
    /// For an allocator with https: the same authorities and revocations, but not the pins, which are the server's.
    package let allocator: TLSContext?
    /// What decides whether the server is trusted. A connection that was made under another trust is not kept at a reload.
    package let trust: Trust

    /// Everything that a server is judged by. The client certificate is not part of it: a new one is shown at the next
    /// connection, and an old connection stays as good as it was.
    package struct Trust: Equatable {
        /// Nil for plaintext.
        let serverDigest: TLSTrustDigest?
        let serverName: String?
    }
}
