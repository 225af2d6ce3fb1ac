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
