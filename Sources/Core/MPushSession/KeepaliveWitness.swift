package import MPushModel

/// Whether the connections of one identity were lost to something on the way that forgets what is silent. A loss alone says
/// little: the server or the link may have been away. Where a new connection over the same network works soon after, they
/// were not, or not for long. A pure value.
package struct KeepaliveWitness: Sendable {
    /// How soon the next connection has to work.
    package static let patience = Duration.seconds(60)

    private struct Loss {
        let silence: Silence
        let network: String
        let ended: Instant
    }

    private var loss: Loss?

    package init() {}

    /// A connection over `network` ended for `cause`, where `silence` was the longest before what had no answer.
    package mutating func ended(_ cause: LossCause, after silence: Silence?, in network: String, at now: Instant) {
        loss = KeepaliveWitness.suspicious(cause, after: silence, at: now)
            .map { Loss(silence: $0, network: network, ended: now) }
    }

    /// A connection over `network` works. Gives the silence in which the one before was forgotten; nil where it was not.
    package mutating func opened(in network: String, at now: Instant) -> Silence? {
        defer { loss = nil }
        guard let loss, loss.network == network, now - loss.ended <= KeepaliveWitness.patience else { return nil }
        return loss.silence
    }

    private static func suspicious(_ cause: LossCause, after silence: Silence?, at now: Instant) -> Silence? {
        switch cause {
        case .missedReads, .reset: return silence
        // It says so itself.
        case .proxy(_, .idleCut(let time)): return Silence(began: now + (.zero - time), length: time)
        case .proxy, .tls, .clock, .allocator, .resolve, .connect, .handshake, .bind, .networkChanged, .kicked,
            .closedByPeer, .protocolError, .preferredEndpoint, .operatorRequest, .reconfigured, .paused, .localStop,
            .shortage, .ownFault:
            return nil
        }
    }
}
