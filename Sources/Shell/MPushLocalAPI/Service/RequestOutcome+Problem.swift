import MPushConnection
import MPushControl
import MPushIdentity
import MPushJSON
import MPushModel
import MPushSession
import MPushWire

extension RequestOutcome {
    /// What came of a request of `runner`: the HTTP answer where it has one, or the problem in words.
    func result(for runner: IdentityRunner) -> Result<HTTPProxyAnswer?, Problem> {
        let name = runner.profile.name
        func problem(_ type: ProblemType, _ detail: String) -> Result<HTTPProxyAnswer?, Problem> {
            .failure(Problem(type, detail, ["identity": .string(name)]))
        }
        switch self {
        case .done: return .success(nil)
        case .httpAnswer(let answer): return .success(answer)
        case .refused(.unsupportedCommand, let reason):
            return problem(.httpProxyUnsupported, "The server of \(name) does not do it: \(reason).")
        case .refused(let code, let reason):
            return problem(
                .serverRefused,
                "The server of \(name) refused: \(reason.isEmpty ? "it gave no reason" : reason) (code \(code.rawValue))."
            )
        case .timedOut(let limit):
            return problem(
                .serverTimedOut,
                "The server of \(name) did not answer within \(limit.humanReadable). It may have done it.")
        case .connectionLost(let cause):
            return problem(
                .connectionLost,
                "The connection of \(name) was lost before the answer came (\(cause.sentence)). It may have been done.")
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
        case .tooMany:
            return problem(.tooManyRequests, "Too many requests of \(name) await their answers. Try again.")
        }
    }
}
