/// What to do when the server moved the user to another client of the same type (PROTOCOL.md section 4.6).
package enum KickPolicy: String, CaseIterable, Sendable {
    /// Come back after a long wait.
    case wait
    /// Stay away until the operator says otherwise.
    case stop
}
