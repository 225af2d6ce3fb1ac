import MPushWire

extension SimulatedSession {
    /// An ERROR, raw, after which the connection is closed.
    func refuse(
        _ header: RequestHeader, _ code: ReasonCode, _ reason: String, in registry: inout ServerRegistry
    ) -> [Action] {
        decline(header, code, reason, in: &registry) + [.close(.refusal)]
    }

    /// An ERROR, raw, after which the connection goes on.
    func decline(
        _ header: RequestHeader, _ code: ReasonCode, _ reason: String, in registry: inout ServerRegistry
    ) -> [Action] {
        registry.statistics.refusals += 1
        let answer = ErrorAnswer(command: header.command, code: code, reason: reason, data: "")
        return [.record(.refused(header.command, reason: reason)), .send(.raw(.error, answering: header, answer))]
    }
}
