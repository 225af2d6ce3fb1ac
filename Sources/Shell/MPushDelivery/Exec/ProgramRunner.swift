import MPushPlatform
import NIOCore

/// Runs programs, and says how they ended. Belongs to its event loop, which never waits for one.
final class ProgramRunner {
    /// A program that was started and whose end was not told yet.
    struct Handle: Hashable {
        fileprivate let number: UInt64
    }

    private let eventLoop: any EventLoop
    private let orders = ProgramOrders()
    private var completions: [UInt64: (ProgramEnd) -> Void] = [:]
    private var lastNumber: UInt64 = 0

    init(on eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
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
            guard let wake = try orders.leave(.start(number, launch)) else { return Handle(number: number) }
            do throws(OSError) {
                try ShortThread.run { [orders] in ProgramWarden(orders, wake: wake, report: report).run() }
            } catch {
                orders.abandon()
                throw error
            }
        } catch {
            report(number, .notStarted(number: error.number, .prepare))
        }
        return Handle(number: number)
    }

    /// Ends the program with its process group; its end is told as of any.
    func stop(_ handle: Handle) {
        guard completions[handle.number] != nil else { return }
        // As long as an end was not told there is a thread, or its report is on the way.
        guard let wake = try? orders.leave(.stop(handle.number)) else { return }
        _ = wake
        orders.abandon()
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
}

/// How a program ended.
enum ProgramEnd: Equatable, Sendable {
    case exited(status: Int)
    /// By a signal that was not ours.
    case killed(signal: Int)
    /// Its time was over, and its whole process group was ended.
    case timedOut
    /// It was told to end before its time.
    case stopped
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
