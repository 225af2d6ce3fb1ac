/// What an operator may want of a connection.
package enum SteeringOrder: String, CaseIterable, Sendable {
    case pause
    case resume
    /// Now, without the wait for the next attempt; from the begin where there is a connection.
    case reconnect
}
