/// Where a session is, in the one vocabulary that journal, STATUS=, metrics and `mpushctl` share (DESIGN section 4).
package enum SessionState: String, Equatable, Sendable {
    case resuming
    case handshaking
    case binding
    case online
    /// The session is open, and nobody is bound because nobody is wished.
    case unbound
    /// A read was missed, a confirmation is awaited.
    case suspect
    case closing
}
