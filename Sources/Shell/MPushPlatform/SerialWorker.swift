import Synchronization

/// Jobs that may block, one after the other in their order, on a short thread that lives while there are some: as few
/// threads for a thousand identities as for one. Jobs are handed in from one thread, that of its event loop.
package final class SerialWorker: Sendable {
    private struct State {
        var jobs: [@Sendable () -> Void] = []
        var isRunning = false
    }

    private let state = Mutex(State())

    package init() {}

    /// Does `job` after all that were handed in before it. Throws `OSError` where no thread can be had.
    package func run(_ job: @escaping @Sendable () -> Void) throws(OSError) {
        let mustStart = state.withLock { state in
            state.jobs.append(job)
            defer { state.isRunning = true }
            return !state.isRunning
        }
        guard mustStart else { return }
        do throws(OSError) {
            try ShortThread.run { [self] in work() }
        } catch {
            // Nobody else hands in jobs, so this one is the only one.
            state.withLock { $0 = State() }
            throw error
        }
    }

    private func work() {
        while let job = next() { job() }
    }

    private func next() -> (@Sendable () -> Void)? {
        state.withLock { state in
            guard !state.jobs.isEmpty else {
                state.isRunning = false
                return nil
            }
            return state.jobs.removeFirst()
        }
    }
}
