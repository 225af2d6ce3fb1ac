package import NIOCore

extension Simulator {
    /// The first event after number `after` that matches: one of the latest thousands, or one to come. Fails with
    /// `SimulatorError.shutDown` when none can come any more.
    package func event(
        after number: Int = 0, matching matches: @escaping @Sendable (SimulatorEvent) -> Bool
    ) -> EventLoopFuture<SimulatorEvent> {
        onLoop { core in
            let promise = core.loop.makePromise(of: SimulatorEvent.self)
            core.log.wait(after: number, promise: promise, matching: matches)
            return promise.futureResult
        }
    }

    /// How many events there were: to wait only for those to come.
    package func eventCount() -> EventLoopFuture<Int> {
        onLoop { $0.loop.makeSucceededFuture($0.log.count) }
    }

    /// Calls `observer` for each event from now on, on the simulator's loop. One at a time; nil for none.
    package func observe(_ observer: (@Sendable (SimulatorEvent) -> Void)?) -> EventLoopFuture<Void> {
        onLoop { core in
            core.log.observer = observer
            return core.loop.makeSucceededVoidFuture()
        }
    }
}
