/// One step of a session's script. Its number is the step's byte in the corpus: add at the end, never renumber.
package enum SessionStep: UInt8, CaseIterable, Sendable {
    /// Bytes come from the server in one read: two bytes of length, and the bytes.
    case read = 0
    /// Time passes, and nobody calls: one byte chooses how much.
    case wait
    /// The time of the next deadline comes; one byte chooses how late the driver is.
    case deadline
    /// What was sent is handed to the kernel.
    case written
    /// A program sends a message: one byte of flags, then as in `read` the content.
    case push
    /// A program has the server make an HTTP request: one byte for the method, then as in `read` the body.
    case http
    /// The operator unbinds the user.
    case unbind
    /// The operator binds the user again.
    case bind
    /// The configuration was read again: one byte chooses among a few identities.
    case identity
    /// The driver stops reading.
    case pause
    /// The driver reads again.
    case resume
    /// The messages that came are stored.
    case stored
    /// The messages that came are consumed.
    case consumed
    /// Somebody wants the connection closed.
    case close
    /// The connection breaks.
    case lost
}
