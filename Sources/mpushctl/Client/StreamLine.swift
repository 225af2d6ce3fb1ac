import Glibc
import MPushControl
import MPushJSON
import MPushModel
import MPushPlatform

/// Follows a stream over restarts of the daemon, with longer and longer pauses while it is away.
struct Persistence {
    private static let longestPause = Duration.seconds(10)

    let isPersistent: Bool
    let terminal: Terminal

    /// Runs `stream` until it fails for good. It returns why the daemon ended it, or nil where it was cut. A daemon that
    /// was not there at the first try is a failure.
    func run(_ stream: () throws(ControlFailure) -> StreamOutcome) throws(ControlFailure) {
        var pause = Duration.milliseconds(200)
        var wasConnected = false
        while true {
            do throws(ControlFailure) {
                let outcome = try stream()
                wasConnected = true
                if outcome.hadLines { pause = .milliseconds(200) }
                if let wait = outcome.wait {
                    poll(nil, 0, CInt(clamping: wait.wholeMilliseconds))
                    continue
                }
                guard isPersistent else {
                    guard let reason = outcome.reason else { throw ControlFailure.cutOff }
                    return terminal.note("mpushctl: ended by mpushd: \(reason)")
                }
                terminal.note("mpushctl: \(outcome.reason.map { "ended by mpushd: \($0)" } ?? "cut off"); again")
            } catch {
                guard isPersistent, wasConnected, error.isPassing else { throw error }
            }
            poll(nil, 0, CInt(clamping: pause.wholeMilliseconds))
            pause = min(pause * 2, Persistence.longestPause)
        }
    }
}

/// A line of a stream: a value, or what is said about the stream itself.
enum StreamLine<Value: ControlValue> {
    case value(Value)
    case keepalive
    case end(String)

    /// Reads a line.
    init(_ line: [UInt8]) throws(ControlFailure) {
        do {
            let json = try JSONParser.parse(line)
            if json["keepalive"] != nil {
                self = .keepalive
            } else if let end = json["end"] {
                self = .end(try StreamEnd(json: end).reason.shown(atMost: 512))
            } else {
                self = .value(try Value(json: json))
            }
        } catch {
            throw .notUnderstood("a line: \(error)")
        }
    }
}

/// How a stream of lines ended.
struct StreamOutcome: Equatable {
    /// Why the daemon ended it; nil where it was cut.
    let reason: String?
    /// Whether anything came.
    let hadLines: Bool
    /// Where it was we who ended it: how long to wait before the next.
    var wait: Duration?
}

extension ControlFailure {
    /// Whether it may be over soon.
    var isPassing: Bool {
        switch self {
        case .notThere, .timedOut, .cutOff: true
        case .problem: status == 75
        case .notPermitted, .notUnderstood, .failed, .usage, .nothingInJournal, .verdict, .system, .readerGone: false
        }
    }
}
