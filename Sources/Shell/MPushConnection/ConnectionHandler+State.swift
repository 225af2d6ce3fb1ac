package import MPushSession
package import MPushTime

/// What there is to see of a connection.
extension ConnectionHandler {
    /// Where the session is; nil while TLS is at work.
    package var state: SessionState? { machine.state }

    /// How alive the connection is; nil before the session is open.
    package var health: HealthReading? { machine.health }

    /// Whether a user is to be bound.
    package var isUserWished: Bool { machine.isUserWished }

    /// Whom the server has bound, as far as it has said; nil for nobody.
    package var boundUser: String? { machine.boundUser }

    /// The number that the next connection's requests begin with.
    package var nextRequestNumber: Int32 { machine.nextRequestNumber }

    /// Whether a deadline passed more than `grace` before `now`: then the driver is stuck.
    package func isOverdue(at now: Instant, grace: Duration) -> Bool {
        nextDeadline.map { now - $0 > grace } ?? false
    }
}
