import MPushTime

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
        case .closedAfter(let words): "closed by the server: \(words)"
        case .notDecrypted(let reason):
            "the server could not decrypt it, so server.public_key is not its key (\(reason), code 100)"
        case .noClientPort(let reason):
            "the port is not the one for clients; a gateway's port answers so (\(reason), code 101)"
        case .refused(let reason, let code): "the server refused: \(reason) (code \(code))"
        case .noAnswer(let command, let limit): "no answer to \(command) within \(limit.spoken)"
        }
    }
}
