import Glibc
import MPushControl
import MPushPlatform
import MPushSystemd
import MPushTime

extension ControlFailure {
    /// What is wrong and what to do, for people; to stand after "mpushctl: ".
    var sentence: String {
        switch self {
        case .notThere(let path, let number):
            return """
                mpushd is not running, or listens elsewhere (\(path): \(OSError.words(for: number))).
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
            let text = problem.detail.isEmpty ? problem.title : problem.detail
            if text.isEmpty { return "the daemon refused (HTTP \(problem.status))" }
            // Several errors of a configuration come as lines.
            return text.split(separator: "\n").prefix(200).map { String($0).shown(atMost: 4096) }.joined(
                separator: "\n")
        case .timedOut(let time): return "mpushd did not answer within \(time.spoken). See: journalctl -u mpushd"
        case .notUnderstood(let what):
            return "what answers is not understood: \(what.shown(atMost: 1024)). Is it mpushd, and of this version?"
        case .cutOff: return "mpushd went away before it had answered. See: systemctl status mpushd"
        case .usage(let what): return what.shown(atMost: 1024)
        case .system(let error): return "\(error)"
        case .readerGone: return ""
        }
    }
}
