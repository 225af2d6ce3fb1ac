import MPushModel
package import MPushPlatform
package import MPushSystemd
package import NIOCore
import Synchronization

/// The last events, numbered: what the journal tells of the connection, for those who ask the local API. Bounded; who
/// falls behind by more than that misses the oldest, and sees it by the numbers. Written from any thread, read on the
/// event loop.
package final class EventRing: LogSink {
    /// An event as the journal has it.
    struct Entry: Sendable {
        let sequence: UInt64
        let time: WallTime
        let identity: String
        /// The identity's state after it.
        let state: ConnectionState
        let record: LogRecord
    }

    static let capacity = 512
    /// What is told of single messages: the API has those, and a busy route must not push the connection's events out.
    private static let ofMessages: Set<LogEvent> = [.messageReceived, .programOutput, .deadLetter]

    private struct State {
        var entries: [Entry] = []
        var last: UInt64 = 0
        var isNoticeDue = false
        /// The last state that was told of each identity.
        var states: [String: ConnectionState] = [:]
        var listener: Listener?
    }

    /// A struct around the closure: directly in the generic `Mutex` it would be wrapped once more at each access, without
    /// end.
    private struct Listener {
        let eventsCame: @Sendable () -> Void
    }

    private let state = Mutex(State())
    private let eventLoop: any EventLoop
    private let clock: any ClockSource

    /// Empty. Those who listen are called on `eventLoop`.
    package init(on eventLoop: any EventLoop, clock: any ClockSource) {
        self.eventLoop = eventLoop
        self.clock = clock
    }

    /// Has `body` called, on the event loop, whenever there are new events.
    func listen(_ body: @escaping @Sendable () -> Void) {
        state.withLock { $0.listener = Listener(eventsCame: body) }
    }

    package func write(_ record: LogRecord) {
        guard let event = record.event, !EventRing.ofMessages.contains(event), let identity = record.value(.identity)
        else { return }
        let mustNotify = state.withLock { state in
            state.last += 1
            if let now = record.state { state.states[identity] = now }
            state.entries.append(
                Entry(
                    sequence: state.last, time: clock.wall, identity: identity,
                    state: state.states[identity] ?? .waiting, record: record))
            if state.entries.count >= 2 * EventRing.capacity {
                state.entries.removeFirst(state.entries.count - EventRing.capacity)
            }
            defer { state.isNoticeDue = true }
            return !state.isNoticeDue
        }
        guard mustNotify else { return }
        eventLoop.execute { [self] in
            let listener = state.withLock { state in
                state.isNoticeDue = false
                return state.listener
            }
            listener?.eventsCame()
        }
    }

    /// The number of the last event; 0 before the first.
    var last: UInt64 { state.withLock { $0.last } }

    /// Up to `limit` events after number `sequence`, the oldest first.
    func entries(after sequence: UInt64, limit: Int) -> [Entry] {
        state.withLock { state in
            Array(state.entries.suffix(EventRing.capacity).lazy.filter { $0.sequence > sequence }.prefix(max(0, limit)))
        }
    }
}

extension LogRecord {
    /// The value of the field with that name, as the journal gets it.
    func value(_ name: JournalField.Name) -> String? { fields.last { $0.name == name }?.value }

    /// The connection's state after the event; nil where the event says nothing of it.
    fileprivate var state: ConnectionState? {
        for field in fields.reversed() {
            if case .state(let state) = field { return state }
        }
        return nil
    }
}
