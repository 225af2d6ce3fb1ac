/// Who is to blame for a trouble, and what was seen of it: what the journal, the status and the doctor say of it, in the
/// same words.
package struct Finding: Equatable, Sendable {
    package let culprit: Culprit
    package let evidence: String

    package init(_ culprit: Culprit, _ evidence: String) {
        self.culprit = culprit
        self.evidence = evidence
    }

    /// Without a full stop.
    package var sentence: String { "\(culprit.title): \(evidence)" }
}

extension LossCause {
    /// Whom the cause names by itself; nil where it has to be looked for: `mpushctl doctor` does.
    package var finding: Finding? {
        switch self {
        case .proxy(let proxy, let failure):
            Finding(failure.culprit, "\(proxy)\(failure.evidence.isEmpty ? "" : ": \(failure.evidence)")")
        case .tls(let failure), .clock(let failure, .unsynchronised, _): failure.finding
        case .clock(let failure, let doubt, let wall):
            Finding(.clock, "it shows \(wall.rfc3339), \(doubt.sentence); \(failure.sentence)")
        case .handshake(let failure): failure.finding
        case .kicked: Finding(.signedInElsewhere, "another client took the user while it was bound here")
        case .shortage(let detail): Finding(.shortage, detail)
        case .ownFault(let detail): Finding(.ownFault, detail)
        case .allocator, .resolve, .connect, .bind, .missedReads, .networkChanged, .closedByPeer, .reset,
            .protocolError, .preferredEndpoint, .operatorRequest, .reconfigured, .paused, .localStop:
            nil
        }
    }
}

extension TLSFailure {
    /// Whom the failure names by itself.
    package var finding: Finding? {
        switch self {
        case .expired(let detail): Finding(.certificateExpired, detail)
        case .notYetValid(let detail): Finding(.certificateNotYetValid, detail)
        case .wrongHost(let detail): Finding(.certificateName, detail)
        case .unknownAuthority(let detail): Finding(.unknownAuthority, detail)
        case .revoked(let detail): Finding(.certificateRefused, "revoked: \(detail)")
        case .noPinMatched(let detail): Finding(.interception, "no pin of tls.pins matches: \(detail)")
        case .badCertificate(let detail): Finding(.certificateRefused, detail)
        case .clientCertificateRefused(let detail): Finding(.clientCertificate, detail)
        case .protocolVersion, .peerClosed, .timedOut, .other: nil
        }
    }
}

extension HandshakeFailure {
    /// Whom the failure names by itself.
    package var finding: Finding? {
        switch self {
        case .closedAfter(let words): Finding(.deviceRefused, "closed by the server: \(words)")
        case .refused(let reason, let code): Finding(.deviceRefused, "\(reason) (code \(code))")
        case .notDecrypted(let reason):
            Finding(
                .serverKey, "the server could not decrypt the handshake, so it is not its key (\(reason), code 100)")
        case .noClientPort(let reason): Finding(.gatewayPort, "a gateway's port answers so (\(reason), code 101)")
        case .closed, .noAnswer: nil
        }
    }
}

extension ProxyFailure {
    fileprivate var culprit: Culprit {
        switch self {
        case .unreachable: .proxyAway
        case .insecure: .certificateRefused
        case .authentication: .proxyLogin
        case .forbidden, .failed: .proxyRefuses
        case .idleCut: .proxyCutsIdle
        }
    }

    fileprivate var evidence: String {
        switch self {
        case .unreachable(let detail), .authentication(let detail), .forbidden(let detail), .failed(let detail): detail
        case .insecure(let failure): "TLS: \(failure.sentence)"
        case .idleCut(let time): "those that are idle for about \(time.humanReadable)"
        }
    }
}

extension Culprit {
    /// The causes of a loss, or of an attempt that failed, that it shows itself by: for docs/causes.md and its test.
    package var lossCodes: [String] {
        switch self {
        case .captivePortal, .nameHijacked:
            ["connect", "tls", "handshake", "closed-by-peer", "reset", "protocol-error"]
        case .interception, .certificateExpired, .certificateNotYetValid, .certificateName, .unknownAuthority,
            .clientCertificate, .portWithoutTLS:
            ["tls"]
        case .certificateRefused: ["tls", "proxy-refused"]
        case .pathMTU, .slowLink, .silentServer: ["tls", "handshake"]
        case .brokenIPv6, .configuration: []
        case .nameUnknown, .nameServerFails, .nameServerSilent: ["resolve"]
        case .noRoute: ["connect", "network-changed"]
        case .portRefused, .portFiltered, .prohibited: ["connect"]
        case .natForgets: ["missed-reads", "reset"]
        case .deadFront: ["tls", "handshake", "closed-by-peer", "reset"]
        case .httpPort, .tlsPort: ["tls", "handshake", "closed-by-peer", "reset", "protocol-error"]
        case .notMPush: ["tls", "protocol-error"]
        case .serverKey, .gatewayPort, .deviceRefused: ["handshake"]
        case .clock: ["clock", "tls"]
        case .proxyAway: ["proxy-refused"]
        case .proxyLogin: ["proxy-authentication", "tls"]
        case .proxyRefuses: ["proxy-forbidden", "proxy"]
        case .proxyCutsIdle: ["proxy-idle"]
        case .userRefused: ["bind"]
        case .signedInElsewhere: ["kicked"]
        case .allocatorAway, .allocatorAnswer: ["allocator"]
        case .shortage: ["shortage"]
        case .ownFault: ["own-fault"]
        }
    }
}
