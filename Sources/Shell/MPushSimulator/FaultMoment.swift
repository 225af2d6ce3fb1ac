/// When in its life a connection meets a fault that was planned for it.
package enum FaultMoment: Equatable, Sendable {
    /// As soon as it is accepted.
    case accepted
    /// After the TLS handshake; without TLS, as soon as it is accepted.
    case secured
    /// When HANDSHAKE or FAST_CONNECT was answered.
    case opened
    /// When BIND was answered.
    case bound
}
