import MPushControl
import MPushJSON
import MPushSystemd

extension ControlClient {
    /// Does `order` to one identity, or to all.
    func steer(_ order: String, _ identity: String?) throws(ControlFailure) -> SteeringAnswer {
        var request = SteeringRequest()
        request.identity = identity
        return try send("POST", "/v1/\(order)", request)
    }
}

extension Terminal {
    /// Says where the identities are after it.
    func say(_ answer: SteeringAnswer, json: Bool) throws(ControlFailure) {
        if json { return try say(answer.json.text) }
        for identity in answer.identities {
            try say("\(identity.identity.shown(atMost: 64)): \(identity.state.rawValue)")
        }
    }
}
