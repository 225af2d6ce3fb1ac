/// Why a TLS connection could not be made, or was lost. The first word says whose fault it is likely to be: the
/// certificates', the peer's, the network's.
package enum TLSFailure: Equatable, Sendable {
    /// A certificate of the chain has ended. `detail` names it and says since when.
    case expired(detail: String)
    /// A certificate of the chain is not valid yet, or this machine's clock is wrong.
    case notYetValid(detail: String)
    /// The certificate is good, but for another host or address.
    case wrongHost(detail: String)
    /// The chain does not lead to an authority that is trusted here.
    case unknownAuthority(detail: String)
    /// A certificate of the chain is in the revocation list.
    case revoked(detail: String)
    /// The chain is good, but none of the configured public-key pins matches.
    case noPinMatched(detail: String)
    /// Any other reason for which the chain was refused (bad signature, wrong usage, list out of date ...).
    case badCertificate(detail: String)
    /// The peer speaks no version of TLS that we allow, or not TLS at all.
    case protocolVersion(detail: String)
    /// The peer asked for a client certificate and did not accept ours, or we have none.
    case clientCertificateRefused(detail: String)
    /// The peer closed or reset the connection before the handshake was done.
    case peerClosed(detail: String)
    /// The handshake did not end in its time.
    case timedOut(after: Duration)
    /// Any other failure, with OpenSSL's own words.
    case other(detail: String)

    /// A stable word for fields, metrics and scripts: `expired`, `wrong-host` ...
    package var code: String {
        switch self {
        case .expired: "expired"
        case .notYetValid: "not-yet-valid"
        case .wrongHost: "wrong-host"
        case .unknownAuthority: "unknown-authority"
        case .revoked: "revoked"
        case .noPinMatched: "no-pin-matched"
        case .badCertificate: "bad-certificate"
        case .protocolVersion: "protocol-version"
        case .clientCertificateRefused: "client-certificate-refused"
        case .peerClosed: "peer-closed"
        case .timedOut: "timed-out"
        case .other: "other"
        }
    }
}

/// Why a session was neither opened nor resumed. A server says what it does not like (PROTOCOL.md section 5); what closes
/// without a word is something before it, so the two have nothing in common but the step.
package enum HandshakeFailure: Equatable, Sendable {
    /// Closed without a word. Over TLS that is a front with nothing behind it, or one that refuses our certificate (a TLS
    /// 1.3 server sees it only after we are done); without TLS it may be a port for TLS.
    case closed(isSecured: Bool)
    /// Closed after words that answer nothing we asked.
    case closedAfter(words: String)
    /// ERROR 100 to HANDSHAKE: the server could not decrypt it, so `server.public_key` is not its key.
    case notDecrypted(reason: String)
    /// ERROR 101: HANDSHAKE and FAST_CONNECT are no commands there. A gateway's port answers so.
    case noClientPort(reason: String)
    /// Any other ERROR.
    case refused(reason: String, code: Int8)
    /// Nothing came.
    case noAnswer(to: String, within: Duration)
}

extension HandshakeFailure {
    /// The failure in words, without a full stop.
    package var sentence: String {
        switch self {
        case .closed(isSecured: true):
            "closed by the server before it answered: nothing runs behind that port, or it refuses our client certificate"
        case .closed(isSecured: false):
            "closed by the server before it answered: nothing runs behind that port, or it is one for TLS"
        case .closedAfter, .notDecrypted, .noClientPort, .refused: finding?.sentence ?? ""
        case .noAnswer(let command, let limit): "no answer to \(command) within \(limit.humanReadable)"
        }
    }
}
