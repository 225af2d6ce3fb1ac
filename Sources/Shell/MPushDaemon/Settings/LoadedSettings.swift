import MPushCipher
package import MPushConfiguration
import MPushSession
import MPushSupervision
import MPushTLS

/// A configuration with all that it refers to: keys and certificates read and understood, device ids derived. What is
/// here can be run.
package struct LoadedSettings {
    /// The configuration as it was written.
    package let configuration: Configuration
    /// What to say about it all the same: weak keys, plaintext, files that others can read.
    package let warnings: [ConfigurationProblem]
    let serverKey: RSAPublicKey
    let transport: TransportSettings
    let identities: [IdentityProfile]

    var plan: EndpointPlan {
        EndpointPlan(
            endpoints: configuration.server.endpoints, isShuffled: configuration.server.order == .shuffled,
            usesAllocator: configuration.server.allocator != nil)
    }

    var policy: ReconnectPolicy {
        let reconnect = configuration.reconnect
        return ReconnectPolicy(
            shortestWait: reconnect.minimum, longestWait: reconnect.maximum, resetAfter: reconnect.resetAfter,
            onKick: reconnect.onKick == .stop ? .stop : .wait(reconnect.kickWait))
    }

    var connectLimits: Connector.Limits {
        Connector.Limits(
            resolve: configuration.timeouts.resolve, connect: configuration.timeouts.connect,
            userTimeout: configuration.timeouts.tcpUser)
    }
}

/// As whom to connect, with all that a session is told.
struct IdentityProfile: Equatable {
    /// The identity's name in the configuration, logs and files.
    let name: String
    let identity: SessionIdentity
    let session: SessionSettings
}
