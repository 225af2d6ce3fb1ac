/// How one connection is treated. What `SimulatorFault` makes lasting is set here.
package struct ConnectionBehaviour: Equatable, Sendable {
    /// Whether heartbeats are answered.
    package var answersHeartbeats = true
    /// Whether everything the client says is taken in and nothing is answered, nor the connection ever closed.
    package var isSilent = false
    /// Whether the server takes bytes from its socket at all.
    package var reads = true
    /// Whether each byte is written on its own.
    package var writesBytewise = false
    /// How long each answer is held back.
    package var lateness: Duration = .zero
    /// What is told to the client in place of the agreed heartbeat.
    package var toldHeartbeat: Duration?
    /// Whether FAST_CONNECT is answered with INVALID_DEVICE.
    package var deniesDevice = false
    /// Whether BIND is refused.
    package var refusesBind = false

    package init() {}

    /// Takes on what is lasting in `fault`, or with `lifted` gives it up. False where nothing of it lasts.
    @discardableResult
    mutating func take(_ fault: SimulatorFault, lifted: Bool = false) -> Bool {
        switch fault {
        case .muteHeartbeats: answersHeartbeats = lifted
        case .sayNothing, .sayNothingBeforeTLS: isSilent = !lifted
        case .stopReading: reads = lifted
        case .writeBytewise: writesBytewise = !lifted
        case .answerLate(let lateness): self.lateness = lifted ? .zero : lateness
        case .tellHeartbeat(let heartbeat): toldHeartbeat = lifted ? nil : heartbeat
        case .denyDevice: deniesDevice = !lifted
        case .refuseBind: refusesBind = !lifted
        case .refuseConnections, .expireSessions, .cutFrame, .sendRubbish, .sendUnknownCommand, .sendOversizeLength,
            .sendBadCiphertext, .sendZlibBomb, .kick, .close, .reset:
            return false
        }
        return true
    }
}
