import NIOCore

/// The latest events of a simulator, and those who wait for one. Belongs to the simulator's event loop.
final class EventLog {
    /// The most that are kept; the oldest go first.
    static let maximumCount = 8192

    private struct Waiter {
        let number: Int
        let matches: @Sendable (SimulatorEvent) -> Bool
        let promise: EventLoopPromise<SimulatorEvent>
    }

    private var events: [SimulatorEvent] = []
    private var nextNumber = 1
    private var waiters: [Waiter] = []
    /// Told of each event as it happens.
    var observer: (@Sendable (SimulatorEvent) -> Void)?

    /// Takes all its room at once: a server that runs for weeks does not grow.
    init() { events.reserveCapacity(EventLog.maximumCount) }

    /// How many events there were.
    var count: Int { nextNumber - 1 }

    func append(_ kind: SimulatorEvent.Kind, connection: ConnectionID?, user: String?, at time: Duration) {
        let event = SimulatorEvent(number: nextNumber, time: time, connection: connection, user: user, kind: kind)
        nextNumber += 1
        events.append(event)
        if events.count >= Self.maximumCount { events.removeFirst(Self.maximumCount / 2) }
        observer?(event)
        let satisfied = waiters.filter { event.number > $0.number && $0.matches(event) }
        guard !satisfied.isEmpty else { return }
        waiters.removeAll { event.number > $0.number && $0.matches(event) }
        for waiter in satisfied { waiter.promise.succeed(event) }
    }

    /// Completes `promise` with the first event after number `number` that matches, now or when it happens.
    func wait(
        after number: Int, promise: EventLoopPromise<SimulatorEvent>,
        matching matches: @escaping @Sendable (SimulatorEvent) -> Bool
    ) {
        if let event = events.first(where: { $0.number > number && matches($0) }) {
            promise.succeed(event)
        } else {
            waiters.append(Waiter(number: number, matches: matches, promise: promise))
        }
    }

    /// Nothing more will happen.
    func end() {
        let left = waiters
        waiters = []
        for waiter in left { waiter.promise.fail(SimulatorError.shutDown) }
        observer = nil
    }
}
