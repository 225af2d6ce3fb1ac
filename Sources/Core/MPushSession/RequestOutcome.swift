package import MPushCause
package import MPushWire

/// How a request ended.
package enum RequestOutcome: Equatable, Sendable {
    /// The server confirmed it with OK or ACK, or nothing had to be confirmed.
    case done
    /// The server's answer to a proxied HTTP request.
    case httpAnswer(HTTPProxyAnswer)
    /// The server answered ERROR.
    case refused(code: ReasonCode, reason: String)
    /// No answer came, at any try; `after` is the time of one.
    case timedOut(after: Duration)
    /// The connection was lost while the answer was awaited. Whether the request was carried out is not known.
    case connectionLost(LossCause)
    /// There is no session to send it over.
    case notConnected
    /// The body is longer than the server takes.
    case tooLong(bytes: Int, maximum: Int)
    /// Too many requests await their answers.
    case tooMany
}
