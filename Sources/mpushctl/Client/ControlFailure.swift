import Glibc
import MPushControl
import MPushPlatform

/// Why something was not done.
enum ControlFailure: Error, Equatable {
    /// Nobody listens at the socket.
    case notThere(path: String, number: CInt)
    case notPermitted(path: String, group: String?)
    /// What the daemon says is wrong.
    case problem(Problem)
    /// No answer in time.
    case timedOut(after: Duration)
    /// What answered does not speak as the daemon does.
    case notUnderstood(String)
    /// The daemon went away in the middle.
    case cutOff
    /// What the user gave cannot be used.
    case usage(String)
    case system(OSError)
    /// Whoever read our output has gone: nothing to say.
    case readerGone

    /// By sysexits.h(3).
    var status: CInt {
        switch self {
        case .notThere: EX_UNAVAILABLE
        case .notPermitted: EX_NOPERM
        case .problem(let problem): ControlFailure.status(of: problem)
        case .timedOut, .cutOff: EX_TEMPFAIL
        case .notUnderstood: EX_PROTOCOL
        case .usage: EX_USAGE
        case .system: EX_OSERR
        case .readerGone: EX_OK
        }
    }

    private static func status(of problem: Problem) -> CInt {
        switch problem.known {
        case .badRequest, .badJSON, .badValue, .notFound, .methodNotAllowed, .unsupportedMediaType, .bodyTooLarge,
            .headTooLarge, .expectationFailed, .noSuchIdentity, .noSuchRoute, .noSuchConsumer, .contentTooLong,
            .serverRefused:
            EX_DATAERR
        case .identityNeeded: EX_USAGE
        case .notPermitted: EX_NOPERM
        case .badConfiguration: EX_CONFIG
        case .requestTimeout, .tooManyConnections, .consumerInUse, .notConnected, .paused, .serverTimedOut,
            .connectionLost, .tooManyRequests, .inboxFailing, .stopping:
            EX_TEMPFAIL
        case .httpProxyUnsupported, .switchedOff: EX_UNAVAILABLE
        case .ownFault: EX_SOFTWARE
        case nil: problem.status >= 500 ? EX_TEMPFAIL : EX_DATAERR
        }
    }
}
