import MPushPlatform
import NIOCore

/// Runs programs, and says how they ended. Belongs to its event loop, which never waits for one.
final class ProgramRunner {
    /// A program that was started and whose end was not told yet.
    struct Handle: Hashable {
        fileprivate let number: UInt64
    }

    private let eventLoop: any EventLoop
    private let clock: any ClockSource
    private let patience: Duration
    private let orders = ProgramOrders()
    private var completions: [UInt64: (ProgramEnd) -> Void] = [:]
    private var lastNumber: UInt64 = 0

    /// - Parameter patience: how long a program that is stopped may still run, to end by itself.
    init(on eventLoop: any EventLoop, clock: any ClockSource, patience: Duration) {
        self.clock = clock
        self.eventLoop = eventLoop
        self.patience = patience
    }

    /// Starts a program; `done` is called once, later.
    func start(_ launch: ProgramLaunch, done: @escaping (ProgramEnd) -> Void) -> Handle {
        lastNumber += 1
        let number = lastNumber
        completions[number] = done
        let runner = NIOLoopBound(self, eventLoop: eventLoop)
        let report: @Sendable (UInt64, ProgramEnd) -> Void = { [eventLoop] number, end in
            eventLoop.execute { runner.value.ended(number, end) }
        }
        do throws(OSError) {
            try leave(.start(number, launch), report: report)
        } catch {
            report(number, .notStarted(number: error.number, .prepare))
        }
        return Handle(number: number)
    }

    /// Has the program end: by itself within the patience, else with its process group. Its end is told as of any.
    func stop(_ handle: Handle) {
        guard completions[handle.number] != nil else { return }
        // While a program runs there is a thread that looks at the order, and no descriptor is needed to wake it. If its end
        // is on the way already, a thread that was started for this finds nothing to stop.
        let runner = NIOLoopBound(self, eventLoop: eventLoop)
        try? leave(.stop(handle.number, patience: patience)) { [eventLoop] number, end in
            eventLoop.execute { runner.value.ended(number, end) }
        }
    }

    /// Kills what programs left behind. To be called when the last one has ended.
    func close() {
        orders.remnants.killAll()
    }

    /// Leaves an order, and starts a thread for it where there is none.
    private func leave(
        _ order: ProgramOrders.Order, report: @escaping @Sendable (UInt64, ProgramEnd) -> Void
    ) throws(OSError) {
        guard let wake = try orders.leave(order) else { return }
        do throws(OSError) {
            try ShortThread.run { [orders, clock] in
                ProgramWarden(orders, wake: wake, clock: clock, report: report).run()
            }
        } catch {
            orders.abandon()
            throw error
        }
    }

    private func ended(_ number: UInt64, _ end: ProgramEnd) {
        completions.removeValue(forKey: number)?(end)
    }
}

/// What a program is started with, and told.
struct ProgramLaunch: Sendable {
    /// Absolute: PATH is not searched.
    let path: String
    /// Behind the name, which is `path`. Without NUL.
    let arguments: [[UInt8]]
    /// `NAME=value`, all that there is. Without NUL.
    let environment: [String]
    /// Where it is started.
    let directory: String
    /// On its standard input, whether it reads it or not.
    let input: ByteBuffer
    /// As long as the machine is awake: a program that slept with it had no time.
    let timeLimit: Duration
    /// Hears the lines that it writes to standard output and error, on a thread of the runner.
    let onLine: @Sendable (String) -> Void
    /// Hears, on a thread of the runner, that the program has ended well before processes that it left in its group, and that
    /// they were told to end.
    var onLeftBehind: @Sendable () -> Void = {}
}

/// How a program ended.
enum ProgramEnd: Equatable, Sendable {
    case exited(status: Int)
    /// By a signal that was not ours.
    case killed(signal: Int)
    /// Its time was over, and its whole process group was ended.
    case timedOut
    /// It was to end before its time, and a signal ended it: ours, or another's while it had time to end by itself.
    case stopped
    /// It was told to end before it was started.
    case withdrawn
    /// It never ran: an errno(3), and what could not be done.
    case notStarted(number: CInt, Step)

    /// What could not be done.
    enum Step: Equatable, Sendable {
        /// A pipe, a thread, a process: the machine's resources.
        case prepare
        /// The working directory.
        case directory
        /// The program itself.
        case execute
    }
}
