import MPushConnection
import MPushControl
import MPushIdentity
import MPushJSON
import MPushModel
import MPushSession
import MPushWire

extension IdentityRunner {
    /// The identity and its state.
    var identityState: IdentityState { IdentityState(identity: profile.name, state: status.state) }
}

extension RequestOutcome {
    /// What came of a BIND or an UNBIND of `runner`, and who is bound now.
    func binding(of runner: IdentityRunner) -> Result<BindAnswer, Problem> {
        let wished = runner.binding.wished.map { "\($0.userID) is to be bound now." } ?? "Nobody is to be bound now."
        let identity: KeyValuePairs<String, JSONValue?> = ["identity": .string(runner.profile.name)]
        switch self {
        case .deferred: return .success(BindAnswer(of: runner, isDeferred: true))
        case .tooLong(let bytes, let maximum):
            let text =
                "User, tags and credential are too long together: \(bytes) bytes, and limits.max_send is \(maximum)."
            return .failure(Problem(.contentTooLong, text, identity))
        case .refused, .timedOut, .connectionLost:
            return result(for: runner).map { _ in BindAnswer(of: runner, isDeferred: false) }
                .mapError { Problem($0.known ?? .serverRefused, "\($0.detail) \(wished)", identity) }
        case .done, .httpAnswer, .answerTooLong, .notConnected, .tooMany, .superseded, .nobodyBound:
            return result(for: runner).map { _ in BindAnswer(of: runner, isDeferred: false) }
        }
    }

    /// What came of a request of `runner`: the HTTP answer where it has one, or the problem in words.
    func result(for runner: IdentityRunner) -> Result<HTTPProxyAnswer?, Problem> {
        let name = runner.profile.name
        func problem(_ type: ProblemType, _ detail: String) -> Result<HTTPProxyAnswer?, Problem> {
            .failure(Problem(type, detail, ["identity": .string(name)]))
        }
        switch self {
        case .done: return .success(nil)
        case .httpAnswer(let answer): return .success(answer)
        case .deferred: return .success(nil)
        case .superseded:
            return problem(.superseded, "A later request for \(name) replaced this one before it was sent.")
        case .nobodyBound:
            return problem(
                .nobodyBound, "\(name) is unbound, so there is no user to give tags. `mpushctl bind` binds one.")
        case .refused(.unsupportedCommand, let reason):
            return problem(.httpProxyUnsupported, "The server of \(name) does not support it: \(reason).")
        case .refused(let code, let reason):
            return problem(
                .serverRefused,
                "The server of \(name) refused: \(reason.isEmpty ? "it gave no reason" : reason) (code \(code.rawValue))."
            )
        case .timedOut(let limit):
            return problem(
                .serverTimedOut,
                "The server of \(name) did not answer within \(limit.humanReadable). It may have carried out the request."
            )
        case .connectionLost(let cause):
            return problem(
                .connectionLost,
                "The connection of \(name) was lost before the answer came (\(cause.sentence)). The server may have carried out the request."
            )
        case .notConnected:
            if case .paused = runner.status.state {
                return problem(.paused, "\(name) is paused. `mpushctl resume` ends that.")
            }
            if case .online = runner.status.state {
                return problem(.notConnected, "\(name) was not connected a moment ago; it is online again. Try again.")
            }
            return problem(
                .notConnected, "\(name) is not connected now, it is \(runner.status.state.rawValue). Try again.")
        case .tooLong(let bytes, let maximum):
            return problem(
                .contentTooLong,
                "The content is too long: \(bytes) bytes once encrypted, and limits.max_send is \(maximum).")
        case .answerTooLong(let excess):
            return problem(
                .answerTooLong, "The server of \(name) did it, but its answer is too long: \(excess.sentence).")
        case .tooMany:
            return problem(.tooManyRequests, "Too many requests of \(name) are waiting for their answers. Try again.")
        }
    }
}

extension BindAnswer {
    fileprivate init(of runner: IdentityRunner, isDeferred: Bool) {
        let binding = runner.binding
        self.init(identity: runner.profile.name)
        user = binding.bound?.userID
        tags = binding.bound?.tags ?? []
        wishedUser = binding.wished?.userID
        wishedTags = binding.wished?.tags ?? []
        self.isDeferred = isDeferred
    }
}
