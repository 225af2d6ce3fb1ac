import MPushTime

extension LossCause {
    /// The cause in words, without a full stop, to stand after "connection lost:" or "no connection:".
    package var sentence: String {
        switch self {
        case .allocator(let detail): "the allocator gave no server: \(detail)"
        case .resolve(let host, let detail): "the name \(host) was not found: \(detail)"
        case .connect(let detail): detail
        case .tls(let failure): "TLS: \(failure.sentence)"
        case .handshake(let failure): "handshake: \(failure.sentence)"
        case .bind(let detail): "bind: \(detail)"
        case .missedReads(let count, let silence): "missed reads (\(count) in a row, \(silence.spoken) silent)"
        case .kicked: "signed in elsewhere"
        case .closedByPeer(nil): "closed by the server"
        case .closedByPeer(let detail?): "closed by the server: \(detail)"
        case .reset(let detail): "the connection broke: \(detail)"
        case .protocolError(let detail): "the server broke the protocol: \(detail)"
        case .operatorRequest: "a new connection was asked for"
        case .reconfigured: "the configuration changed"
        case .paused: "paused"
        case .localStop: "stopping"
        case .ownFault(let detail): "our own fault: \(detail)"
        }
    }
}

extension TLSFailure {
    /// The failure in words, without a full stop.
    package var sentence: String {
        switch self {
        case .expired(let detail): "certificate expired (\(detail))"
        case .notYetValid(let detail): "certificate not valid yet, or this machine's clock is wrong (\(detail))"
        case .wrongHost(let detail): "certificate is for another host (\(detail))"
        case .unknownAuthority(let detail): "certificate from an unknown authority (\(detail))"
        case .revoked(let detail): "certificate revoked (\(detail))"
        case .noPinMatched(let detail): "no pin matched (\(detail))"
        case .badCertificate(let detail): "certificate refused (\(detail))"
        case .protocolVersion(let detail): "no common protocol version (\(detail))"
        case .clientCertificateRefused(let detail): "the server refused our client certificate (\(detail))"
        case .peerClosed(let detail): "the server closed during the TLS handshake (\(detail))"
        case .timedOut(let after): "no TLS handshake within \(after.spoken)"
        case .other(let detail): detail
        }
    }
}
