import CLinux
import Glibc
import MPushModel
import NIOCore

/// Runs all programs, on one thread: starts them, feeds and reads them, keeps their time, takes them away. Lives as long
/// as there are some, which is also what their parent's death signal wants: it goes by the thread (prctl(2)).
final class ProgramWarden {
    /// Hears of programs, by their numbers.
    struct Reports: Sendable {
        let ended: @Sendable (UInt64, ProgramEnd) -> Void
        /// What a program that is talked to has written.
        let heard: @Sendable (UInt64, ByteBuffer) -> Void
    }

    /// Programs at once; the next ones wait.
    static let mostPrograms = 128
    /// Those that are talked to are there for good, and take no other's place: one for each route that there can be.
    static let mostConversations = 256

    private let orders: ProgramOrders
    private let wake: CInt
    /// Read for its `monotonic` time, which stands still while the machine sleeps, as the programs do.
    private let clock: any ClockSource
    private let reports: Reports
    private var waiting: [(number: UInt64, launch: ProgramLaunch)] = []
    private var running: [UInt64: RunningProgram] = [:]
    private var conversations: Set<UInt64> = []
    /// What is read goes through here.
    private var buffer = [UInt8](repeating: 0, count: 64 * 1024)

    init(_ orders: ProgramOrders, wake: CInt, clock: any ClockSource, _ reports: Reports) {
        self.clock = clock
        self.orders = orders
        self.wake = wake
        self.reports = reports
    }

    /// Until there is nothing to do.
    func run() {
        // A program that does not read shows as EPIPE.
        var broken = sigset_t()
        sigemptyset(&broken)
        sigaddset(&broken, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &broken, nil)
        repeat {
            repeat {
                for order in orders.take() { obey(order) }
                startWaiting()
                if !isIdle { attend() }
            } while !isIdle || !waiting.isEmpty
        } while !orders.retire()
    }

    /// Whether nothing runs, and nothing is left of what ran.
    private var isIdle: Bool { running.isEmpty && orders.remnants.isEmpty }

    private func obey(_ order: ProgramOrders.Order) {
        switch order {
        case .start(let number, let launch): waiting.append((number, launch))
        case .write(let number, let bytes):
            if let index = waiting.firstIndex(where: { $0.number == number }) {
                waiting[index].launch.input.writeImmutableBuffer(bytes)
            } else {
                running[number]?.write(bytes, at: clock.monotonic)
            }
        case .heard(let number, let bytes): running[number]?.heard(bytes)
        case .stop(let number, let patience):
            if let index = waiting.firstIndex(where: { $0.number == number }) {
                waiting.remove(at: index)
                reports.ended(number, .withdrawn)
            } else {
                running[number]?.stop(within: patience, at: clock.monotonic)
            }
        }
    }

    private func startWaiting() {
        while let index = waiting.firstIndex(where: hasPlace) {
            let (number, launch) = waiting.remove(at: index)
            if launch.isConversation { conversations.insert(number) }
            do throws(ProgramStartFailure) {
                running[number] = try RunningProgram(launch, at: clock.monotonic) { [reports] in
                    reports.heard(number, $0)
                }
            } catch {
                conversations.remove(number)
                reports.ended(number, .notStarted(number: error.number, error.step))
            }
        }
    }

    private func hasPlace(_ next: (number: UInt64, launch: ProgramLaunch)) -> Bool {
        next.launch.isConversation
            ? conversations.count < ProgramWarden.mostConversations
            : running.count - conversations.count < ProgramWarden.mostPrograms
    }

    /// Waits for the next that happens, and sees to it.
    private func attend() {
        var watched = [pollfd(fd: wake, events: Int16(POLLIN), revents: 0)]
        var owners: [(UInt64, RunningProgram)] = []
        for (number, program) in running {
            let wanted = [
                (program.wantsToWrite ? program.input : nil, POLLOUT),
                (program.wantsToRead ? program.output : nil, POLLIN), (program.errors, POLLIN),
            ]
            for (descriptor, events) in wanted {
                guard let descriptor else { continue }
                watched.append(pollfd(fd: descriptor, events: Int16(events), revents: 0))
                owners.append((number, program))
            }
            watched.append(pollfd(fd: program.endDescriptor, events: Int16(POLLIN), revents: 0))
            owners.append((number, program))
        }
        _ = poll(&watched, nfds_t(watched.count), patience)
        for (event, (number, program)) in zip(watched.dropFirst(), owners) where event.revents != 0 {
            switch event.fd {
            case program.endDescriptor:
                running[number] = nil
                conversations.remove(number)
                let end = program.end(reading: &buffer)
                // Before the end is known: it may be the last one that the daemon waits for, which then kills what is left.
                orders.remnants.add(program.process, at: clock.monotonic, onTold: program.onLeftBehind)
                reports.ended(number, end)
            case program.input: program.feed(at: clock.monotonic)
            case program.output: program.read(into: &buffer)
            case program.errors: program.readErrors(into: &buffer, at: clock.monotonic)
            default: break
            }
        }
        let now = clock.monotonic
        for program in running.values where program.deadline <= now { program.deadlineReached(at: now) }
        orders.remnants.attend(at: now)
    }

    /// Milliseconds until the next deadline, rounded up.
    private var patience: CInt {
        let now = clock.monotonic
        let next = running.values.map { $0.deadline - now }.min()
        let look = orders.remnants.isEmpty ? nil : ProgramRemnants.interval
        guard let wait = [next, look].compactMap(\.self).min() else { return 0 }
        return CInt(clamping: min(max(0, wait.wholeMilliseconds) + 1, 3_600_000))
    }
}
