import MPushModel
import MPushSystemd
import NIOConcurrencyHelpers
import NIOCore

/// Keeps what the daemon logs, and lets a test wait for a line instead of sleeping.
final class RecordingSink: LogSink {
    private struct Waiter {
        let matches: @Sendable (LogRecord) -> Bool
        let promise: EventLoopPromise<LogRecord>
    }

    private struct State {
        var records: [LogRecord] = []
        var waiters: [Waiter] = []
    }

    private let state = NIOLockedValueBox(State())
    private let eventLoop: any EventLoop

    init(on eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// How many lines there were: to wait only for those to come.
    var count: Int { state.withLockedValue { $0.records.count } }

    var records: [LogRecord] { state.withLockedValue { $0.records } }

    func write(_ record: LogRecord) {
        let met = state.withLockedValue { state -> [Waiter] in
            state.records.append(record)
            let met = state.waiters.filter { $0.matches(record) }
            state.waiters.removeAll { $0.matches(record) }
            return met
        }
        for waiter in met { waiter.promise.succeed(record) }
    }

    /// The first record after number `start` that matches, one that came or one to come within `limit`.
    func next(
        after start: Int, within limit: TimeAmount = .seconds(30),
        where matches: @escaping @Sendable (LogRecord) -> Bool
    ) async throws -> LogRecord {
        let promise = eventLoop.makePromise(of: LogRecord.self)
        let found = state.withLockedValue { state -> LogRecord? in
            if let found = state.records.dropFirst(start).first(where: matches) { return found }
            state.waiters.append(Waiter(matches: matches, promise: promise))
            return nil
        }
        if let found { promise.succeed(found) }
        let late = eventLoop.scheduleTask(in: limit) { [self] in promise.fail(Missing(lines: records.map(\.text))) }
        defer { late.cancel() }
        return try await promise.futureResult.get()
    }

    /// The line that was awaited did not come; these did.
    struct Missing: Error {
        let lines: [String]
    }
}
