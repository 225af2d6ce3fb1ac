extension SimulatedSession {
    /// What is to be done, in this order, about what a session was told.
    package enum Action: Equatable, Sendable {
        case send(PlainFrame)
        /// The single byte of a heartbeat.
        case beat
        /// What is encrypted and decrypted from here on uses these keys.
        case useKeys(SessionKeys)
        /// Tells another connection that its user is bound elsewhere now.
        case kick(ConnectionID)
        /// A push was acknowledged; the number may be anybody's guess.
        case settle(number: Int32)
        case record(SimulatorEvent.Kind)
        /// The connection reached this moment: planned faults are due.
        case reached(FaultMoment)
        case close(CloseReason)
    }
}
