/// One connection, as `list` shows it.
package struct ConnectionSummary: Equatable, Sendable {
    package let id: ConnectionID
    package let peer: String
    /// Empty before the handshake.
    package let device: String
    /// Nil where nobody is bound.
    package let user: String?
    package let tags: String
    package let pendingAcks: Int
}
