import Glibc
import MPushControl
import MPushJSON
import MPushModel
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
    /// What was tried did not succeed: what, and why.
    case failed(String)
    /// What the user gave cannot be used.
    case usage(String)
    /// The journal shows nothing of a unit, to root or to somebody else.
    case nothingInJournal(of: String, isRoot: Bool)
    /// What `health` found; it has been said.
    case verdict(HealthVerdict)
    case system(OSError)
    /// Whoever read our output has gone: nothing to say.
    case readerGone

    /// By sysexits.h(3).
    var status: CInt {
        switch self {
        case .notThere: EX_UNAVAILABLE
        case .notPermitted: EX_NOPERM
        case .problem(let problem): ControlFailure.status(of: problem)
        case .timedOut, .cutOff, .failed: EX_TEMPFAIL
        case .notUnderstood: EX_PROTOCOL
        case .usage: EX_USAGE
        case .nothingInJournal(_, let isRoot): isRoot ? EX_UNAVAILABLE : EX_NOPERM
        case .verdict(let verdict): verdict.status
        case .system: EX_OSERR
        case .readerGone: EX_OK
        }
    }

    private static func status(of problem: Problem) -> CInt {
        switch problem.known {
        case .badRequest, .badJSON, .badValue, .notFound, .methodNotAllowed, .unsupportedMediaType, .bodyTooLarge,
            .headTooLarge, .expectationFailed, .noSuchIdentity, .noSuchRoute, .noSuchConsumer, .noSuchMessage,
            .contentTooLong,
            .serverRefused, .answerTooLong:
            EX_DATAERR
        case .identityNeeded: EX_USAGE
        case .notPermitted: EX_NOPERM
        case .badConfiguration: EX_CONFIG
        case .requestTimeout, .tooManyConnections, .consumerInUse, .nobodyBound, .superseded, .notConnected, .paused,
            .serverTimedOut,
            .connectionLost, .tooManyRequests, .inboxFailing, .stopping:
            EX_TEMPFAIL
        case .httpProxyUnsupported, .switchedOff: EX_UNAVAILABLE
        case .ownFault: EX_SOFTWARE
        case nil: problem.status >= 500 ? EX_TEMPFAIL : EX_DATAERR
        }
    }
}

/// What keeps the daemon from being healthy.
enum HealthVerdict: Equatable {
    case notBound
    case cannotStore
    case stuck

    fileprivate var status: CInt {
        switch self {
        case .notBound: EX_UNAVAILABLE
        case .cannotStore: EX_TEMPFAIL
        case .stuck: EX_SOFTWARE
        }
    }
}

extension ControlFailure {
    /// Whether the service manager may know why: nobody is there, or nobody answers.
    var isForTheServiceManager: Bool {
        switch self {
        case .notThere, .timedOut, .cutOff: true
        case .notPermitted, .problem, .notUnderstood, .failed, .usage, .nothingInJournal, .verdict, .system,
            .readerGone:
            false
        }
    }

    /// What is wrong and what to do, for people; to stand after "mpushctl: ".
    var sentence: String {
        switch self {
        case .notThere(let path, let number):
            return """
                mpushd is not running, or listens elsewhere (\(path): \(OSError.text(for: number))).
                See: systemctl status mpushd. Another socket: --socket PATH or $MPUSHD_SOCKET.
                """
        case .notPermitted(let path, nil):
            return "\(path): permission denied. Try it as root: sudo mpushctl ..."
        case .notPermitted(let path, let group?):
            return """
                \(path): permission denied. It is for root and the group \(group).
                To join it: sudo usermod -aG \(group) $USER, then sign in again.
                """
        case .problem(let problem):
            let text = problem.detail.isEmpty ? problem.title : problem.inWordsOfTheCommandLine
            if text.isEmpty { return "the daemon refused (HTTP \(problem.status))" }
            // Several errors of a configuration come as lines.
            return text.split(separator: "\n").prefix(200).map { String($0).shown(atMost: 4096) }.joined(
                separator: "\n")
        case .timedOut(let time): return "mpushd did not answer within \(time.humanReadable). See: journalctl -u mpushd"
        case .notUnderstood(let what):
            return "the answer is not understood: \(what.shown(atMost: 1024)). Is it mpushd, of the same version?"
        case .cutOff: return "mpushd closed the connection before it answered. See: systemctl status mpushd"
        case .usage(let what), .failed(let what): return what.shown(atMost: 2048)
        case .nothingInJournal(let unit, let isRoot):
            return isRoot
                ? "the journal has nothing of \(unit). Has it run as a service of this machine?"
                : """
                the journal shows nothing of \(unit). It is for root and the groups adm and systemd-journal: \
                sudo mpushctl ...
                """
        case .system(let error): return "\(error)"
        case .readerGone, .verdict: return ""
        }
    }
}

extension Problem {
    /// What is wrong, with a member of the request, or a parameter of the query, called as the option is: `--up-to`.
    fileprivate var inWordsOfTheCommandLine: String {
        func member(_ name: String) -> String? { extensions.first { $0.name == name }?.value.string }
        if let pointer = member("pointer"), pointer.count > 1, detail.hasPrefix(pointer) {
            let name = pointer.dropFirst().prefix { $0 != "/" }.map { $0 == "_" ? "-" : $0 }
            return String(name) + detail.dropFirst(pointer.count)
        }
        let parameter = member("parameter").map { "the parameter \($0) " }
        if let parameter, let name = member("parameter"), detail.hasPrefix(parameter) {
            return "--\(name) " + detail.dropFirst(parameter.count)
        }
        return detail
    }
}
