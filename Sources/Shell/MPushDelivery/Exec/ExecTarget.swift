import Glibc
import MPushConfiguration
import MPushConnection
import MPushInbox
import MPushModel
import MPushPlatform
import MPushRouting
import MPushSystemd
import NIOCore

/// A program as a route's target: started for each message, which it finds on its standard input.
final class ExecTarget: RouteTarget {
    /// What the program says for "not now" (sysexits.h).
    static let temporaryFailure = 75

    private let route: String
    private var settings: ExecSettings
    private let runner: any ProgramStarter
    private let environment: ServiceEnvironment
    private let log: Logger
    private let eventLoop: any EventLoop
    private let leftBehind: LeftBehindReporter

    init(
        _ settings: ExecSettings, of route: String, runner: any ProgramStarter, environment: ServiceEnvironment,
        log: Logger,
        timer: LoopTimer, on eventLoop: any EventLoop
    ) {
        self.settings = settings
        self.route = route
        self.runner = runner
        self.environment = environment
        self.log = log
        self.eventLoop = eventLoop
        leftBehind = LeftBehindReporter("the program of route \(route)", log.with([.route(route)]), timer: timer)
    }

    func apply(_ route: LoadedRoute) -> Bool {
        guard case .exec(let settings) = route.settings.target else { return false }
        self.settings = settings
        return true
    }

    func stop(_ done: @escaping () -> Void) { done() }

    func deliver(_ message: StoredMessage, attempt: Int, done: @escaping (AttemptResult) -> Void) -> () -> Void {
        let arguments: [[UInt8]]
        do throws(TemplateError) {
            let routed = RoutedMessage(message, needsContent: true, needsJSON: settings.arguments.needsJSON)
            arguments = try settings.arguments.expanded(
                routed, route: route, attempt: attempt, firstOperand: settings.firstOperand)
        } catch {
            done(.rejected("the arguments of \(settings.program) cannot be made: \(error)"))
            return {}
        }
        let log = log.with([.route(route), .messageID(message.id), .identity(message.identity)])
        let (program, route) = (settings.program.lastPathComponent, route)
        let leftBehind = NIOLoopBound(leftBehind, eventLoop: eventLoop)
        let launch = ProgramLaunch(
            path: settings.program, arguments: arguments,
            environment: ProgramEnvironment.make(for: message, route: route, attempt: attempt, from: environment),
            directory: settings.directory ?? "/", input: message.content, timeLimit: settings.timeLimit,
            onLine: { line in log.log(.programOutput, "route \(route): \(program): \(line)") },
            onLeftBehind: { [eventLoop] in eventLoop.execute { leftBehind.value.happened() } })
        let handle = runner.start(launch) { [settings] end in
            if case .stopped = end {
                log.log(
                    .notice,
                    "route \(route): \(program) was ended before it was done, because mpushd or the route stopped; message "
                        + "\(message.id) will be handed over again")
            }
            done(ExecTarget.result(of: end, settings))
        }
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
        case .stopped, .withdrawn: return .abandoned
        // Not the message's doing, nor the program's.
        case .notStarted(let number, _) where OSError.isShortage(number):
            return .postponed("\(program) cannot be started: \(OSError.text(for: number))")
        // One that has more arguments than the kernel takes has them the next time as well.
        case .notStarted(E2BIG, _): return .rejected("the arguments of \(program) are longer than Linux takes")
        case .notStarted(let number, .directory):
            return .unavailable("\(settings.directory ?? "/"): \(OSError.text(for: number))")
        case .notStarted(let number, .execute):
            return .unavailable("\(program): \(OSError.text(for: number))")
        case .notStarted(let number, .prepare):
            return .unavailable("\(program) cannot be started: \(OSError.text(for: number))")
        }
    }

    static func text(forSignal signal: Int) -> String {
        guard let number = CInt(exactly: signal), let text = strsignal(number) else { return "unknown" }
        return String(cString: text)
    }
}

extension String {
    var lastPathComponent: String { split(separator: "/").last.map(String.init) ?? self }
}

/// Says that programs left processes behind, once a minute at most. Belongs to the event loop.
final class LeftBehindReporter {
    private let who: String
    private let log: Logger
    private let timer: LoopTimer
    private var saidAt: Instant?
    private var unsaid = 0

    init(_ who: String, _ log: Logger, timer: LoopTimer) {
        self.who = who
        self.log = log
        self.timer = timer
    }

    func happened() {
        let now = timer.now
        if let saidAt, now - saidAt < RouteReporter.interval {
            unsaid += 1
            return
        }
        let times = unsaid == 0 ? "" : " (and \(unsaid) times more before)"
        (saidAt, unsaid) = (now, 0)
        log.log(
            .notice,
            "\(who) has ended and left processes running, which were told to end\(times): what is to outlive a program has to "
                + "be started by the service manager, with systemd-run for example")
    }
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
        let own = message.environment(attempt: attempt) + [("MPUSH_ROUTE", EnvironmentValue.onOneLine(route))]
        return inherited(environment) + own.map { "\($0.name)=\($0.value)" }
    }

    /// For the program of a stream, which finds what there is to know of a message with it; with the version of the protocol
    /// (docs/STREAM.md).
    static func make(forStream route: String, from environment: ServiceEnvironment) -> [String] {
        inherited(environment) + ["MPUSH_ROUTE=\(EnvironmentValue.onOneLine(route))", "MPUSH_STREAM=1"]
    }

    private static func inherited(_ environment: ServiceEnvironment) -> [String] {
        handedOn.compactMap { name in environment[name].map { "\(name)=\($0)" } }
    }
}
