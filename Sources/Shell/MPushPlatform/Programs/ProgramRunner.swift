package import NIOCore

/// Runs programs of this machine. Belongs to its event loop, which never waits for one.
package final class ProgramRunner: ProgramStarter {
    private let eventLoop: any EventLoop
    private let clock: any ClockSource
    private let threads: any ThreadStarter
    private let patience: Duration
    private let orders = ProgramOrders()
    private var completions: [UInt64: (ProgramEnd) -> Void] = [:]
    private var lastNumber: UInt64 = 0

    /// - Parameter patience: how long a program that is stopped may still run, to end by itself.
    package init(
        on eventLoop: any EventLoop, clock: any ClockSource, threads: any ThreadStarter, patience: Duration
    ) {
        self.clock = clock
        self.threads = threads
        self.eventLoop = eventLoop
        self.patience = patience
    }

    package func start(_ launch: ProgramLaunch, done: @escaping (ProgramEnd) -> Void) -> ProgramHandle {
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
        return ProgramHandle(number: number)
    }

    package func stop(_ handle: ProgramHandle) {
        guard completions[handle.number] != nil else { return }
        // While a program runs there is a thread that looks at the order, and no descriptor is needed to wake it. If its end
        // is on the way already, a thread that was started for this finds nothing to stop.
        let runner = NIOLoopBound(self, eventLoop: eventLoop)
        try? leave(.stop(handle.number, patience: patience)) { [eventLoop] number, end in
            eventLoop.execute { runner.value.ended(number, end) }
        }
    }

    package func close() {
        orders.remnants.killAll()
    }

    /// Leaves an order, and starts a thread for it where there is none.
    private func leave(
        _ order: ProgramOrders.Order, report: @escaping @Sendable (UInt64, ProgramEnd) -> Void
    ) throws(OSError) {
        guard let wake = try orders.leave(order) else { return }
        do throws(OSError) {
            try threads.run { [orders, clock] in
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
