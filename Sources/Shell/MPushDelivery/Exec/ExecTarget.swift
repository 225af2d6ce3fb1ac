import Glibc
import MPushConfiguration
import MPushInbox
import MPushModel
import MPushPlatform
import MPushRouting
import MPushSystemd

/// A program as a route's target: started for each message, which it finds on its standard input.
final class ExecTarget: RouteTarget {
    /// What the program says for "not now" (sysexits.h).
    private static let temporaryFailure = 75

    let kind = "exec"
    private let route: String
    private let settings: ExecSettings
    private let runner: ProgramRunner
    private let environment: ServiceEnvironment
    private let log: Logger

    init(
        _ settings: ExecSettings, of route: String, runner: ProgramRunner, environment: ServiceEnvironment, log: Logger
    ) {
        self.settings = settings
        self.route = route
        self.runner = runner
        self.environment = environment
        self.log = log
    }

    func deliver(_ message: StoredMessage, attempt: Int, done: @escaping (AttemptResult) -> Void) -> () -> Void {
        let arguments: [[UInt8]]
        do throws(TemplateError) {
            let routed = RoutedMessage(message, needsContent: true, needsJSON: settings.arguments.needsJSON)
            arguments = try settings.arguments.expanded(routed, route: route, attempt: attempt)
        } catch {
            done(.rejected("the arguments of \(settings.program) cannot be made: \(error)"))
            return {}
        }
        let log = log.with([.route(route), .messageID(message.id), .identity(message.identity)])
        let (program, route) = (settings.program.lastPathComponent, route)
        let launch = ProgramLaunch(
            path: settings.program, arguments: arguments,
            environment: ProgramEnvironment.make(for: message, route: route, attempt: attempt, from: environment),
            directory: settings.directory ?? "/", input: message.content, timeLimit: settings.timeLimit,
            onLine: { line in log.log(.programOutput, "route \(route): \(program): \(line)") })
        let handle = runner.start(launch) { [settings] end in done(ExecTarget.result(of: end, settings)) }
        return { [weak runner] in runner?.stop(handle) }
    }

    /// What an end of the program means for the message.
    static func result(of end: ProgramEnd, _ settings: ExecSettings) -> AttemptResult {
        let program = settings.program
        switch end {
        case .exited(0): return .confirmed
        case .exited(temporaryFailure):
            return .failed("\(program) ended with status 75: it asks to be tried again", retryAfter: nil)
        case .exited(let status): return .rejected("\(program) ended with status \(status)")
        // Mostly somebody else's doing: an administrator's, or the kernel's that is short of memory.
        case .killed(let signal):
            return .failed("\(program) was ended by signal \(signal) (\(text(forSignal: signal)))", retryAfter: nil)
        case .timedOut:
            return .failed(
                "\(program) did not end within \(settings.timeLimit.humanReadable), and was killed", retryAfter: nil)
        case .stopped: return .abandoned
        // One that has more arguments than the kernel takes has them the next time as well.
        case .notStarted(E2BIG, _): return .rejected("the arguments of \(program) are longer than Linux takes")
        case .notStarted(let number, .directory):
            return .failed("\(settings.directory ?? "/"): \(OSError.text(for: number))", retryAfter: nil)
        case .notStarted(let number, .execute):
            return .failed("\(program): \(OSError.text(for: number))", retryAfter: nil)
        case .notStarted(let number, .prepare):
            return .failed("\(program) cannot be started: \(OSError.text(for: number))", retryAfter: nil)
        }
    }

    private static func text(forSignal signal: Int) -> String {
        guard let number = CInt(exactly: signal), let text = strsignal(number) else { return "unknown" }
        return String(cString: text)
    }
}

extension String {
    fileprivate var lastPathComponent: String { split(separator: "/").last.map(String.init) ?? self }
}

/// The environment of a route's program: what a program needs to find its way, and what there is to know of the message.
/// Nothing else of the daemon's: credentials and the service manager's socket are not for programs.
enum ProgramEnvironment {
    /// Handed on where they are set (environ(7), systemd.exec(5)); MPUSHD_SOCKET is where mpushctl(1) finds this daemon.
    private static let handedOn = [
        "PATH", "LANG", "HOME", "TZ", "MPUSHD_SOCKET", "STATE_DIRECTORY", "RUNTIME_DIRECTORY", "CACHE_DIRECTORY",
        "LOGS_DIRECTORY",
        "CONFIGURATION_DIRECTORY",
    ]

    static func make(
        for message: StoredMessage, route: String, attempt: Int, from environment: ServiceEnvironment
    ) -> [String] {
        let inherited = handedOn.compactMap { name in environment[name].map { (name, $0) } }
        let own = [
            ("MPUSH_ID", message.id), ("MPUSH_USER", message.user), ("MPUSH_IDENTITY", message.identity),
            ("MPUSH_TYPE", message.type.map(String.init) ?? ""), ("MPUSH_RECEIVED", message.received.rfc3339),
            ("MPUSH_ROUTE", route), ("MPUSH_ATTEMPT", String(attempt)),
        ]
        return inherited.map { "\($0)=\($1)" } + own.map { "\($0)=\(onOneLine($1))" }
    }

    /// Control characters percent-encoded: a value is one line, and ends where it ends.
    static func onOneLine(_ value: String) -> String {
        guard value.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return value }
        var result = ""
        for scalar in value.unicodeScalars {
            guard scalar.value < 0x20 || scalar.value == 0x7F else {
                result.unicodeScalars.append(scalar)
                continue
            }
            result += scalar.value < 0x10 ? "%0" : "%"
            result += String(scalar.value, radix: 16, uppercase: true)
        }
        return result
    }
}
