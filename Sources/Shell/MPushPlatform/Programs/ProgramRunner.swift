package import NIOCore

/// Runs programs of this machine. Belongs to its event loop, which never waits for one.
package final class ProgramRunner: ProgramStarter {
    private let eventLoop: any EventLoop
    private let clock: any ClockSource
    private let threads: any ThreadStarter
    private let patience: Duration
    private let orders = ProgramOrders()
    private var completions: [UInt64: (ProgramEnd) -> Void] = [:]
    /// Of programs that are talked to.
    private var hearers: [UInt64: (ByteBuffer) -> Void] = [:]
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
        let reports = reports
        do throws(OSError) {
            try leave(.start(number, launch), reports)
        } catch {
            reports.ended(number, .notStarted(number: error.number, .prepare))
        }
        return ProgramHandle(number: number)
    }

    package func converse(
        _ launch: ProgramLaunch, heard: @escaping (ByteBuffer) -> Void, done: @escaping (ProgramEnd) -> Void
    ) -> ProgramHandle {
        var launch = launch
        launch.isConversation = true
        // The thread tells of it later than this returns.
        let handle = start(launch, done: done)
        hearers[handle.number] = heard
        return handle
    }

    package func write(_ bytes: ByteBuffer, to handle: ProgramHandle) {
        guard completions[handle.number] != nil else { return }
        orders.leaveIfRunning(.write(handle.number, bytes))
    }

    package func stop(_ handle: ProgramHandle) {
        guard completions[handle.number] != nil else { return }
        // While a program runs there is a thread that looks at the order, and no descriptor is needed to wake it. If its end
        // is on the way already, a thread that was started for this finds nothing to stop.
        try? leave(.stop(handle.number, patience: patience), reports)
    }

    package func close() {
        orders.remnants.killAll()
    }

    /// How the thread tells of programs, on the loop.
    private var reports: ProgramWarden.Reports {
        let runner = NIOLoopBound(self, eventLoop: eventLoop)
        return ProgramWarden.Reports(
            ended: { [eventLoop] number, end in eventLoop.execute { runner.value.ended(number, end) } },
            heard: { [eventLoop] number, bytes in eventLoop.execute { runner.value.heard(number, bytes) } })
    }

    /// Leaves an order, and starts a thread for it where there is none.
    private func leave(_ order: ProgramOrders.Order, _ reports: ProgramWarden.Reports) throws(OSError) {
        guard let wake = try orders.leave(order) else { return }
        do throws(OSError) {
            try threads.run { [orders, clock] in
                ProgramWarden(orders, wake: wake, clock: clock, reports).run()
            }
        } catch {
            orders.abandon()
            throw error
        }
    }

    private func heard(_ number: UInt64, _ bytes: ByteBuffer) {
        hearers[number]?(bytes)
        orders.leaveIfRunning(.heard(number, bytes: bytes.readableBytes))
    }

    private func ended(_ number: UInt64, _ end: ProgramEnd) {
        hearers[number] = nil
        completions.removeValue(forKey: number)?(end)
    }
}
