import MPushControl
import MPushIdentity
package import MPushModel
package import MPushPlatform
package import NIOCore

/// The last events, numbered, for those who ask the local API. Bounded; who falls behind by more than that misses the
/// oldest, and sees it by the numbers. Belongs to its event loop.
package final class EventRing: IdentityEventSink {
    static let capacity = 512

    private let eventLoop: any EventLoop
    private let clock: any ClockSource
    private var entries: [EventReport] = []
    private var isNoticeDue = false
    /// The last state that an event of each identity told.
    private var states: [String: ConnectionState] = [:]
    private var listener: () -> Void = {}
    /// The number of the last event; 0 before the first.
    private(set) var last: UInt64 = 0

    /// Empty.
    package init(on eventLoop: any EventLoop, clock: any ClockSource) {
        self.eventLoop = eventLoop
        self.clock = clock
    }

    /// Has `body` called whenever there are new events, once for all of one turn of the loop.
    func listen(_ body: @escaping () -> Void) {
        listener = body
    }

    package func record(_ event: IdentityEvent) {
        last += 1
        if let state = event.state { states[event.identity] = state }
        entries.append(
            EventReport(
                sequence: last, time: clock.wall, event: event,
                state: states[event.identity] ?? .waiting))
        if entries.count >= 2 * EventRing.capacity { entries.removeFirst(entries.count - EventRing.capacity) }
        guard !isNoticeDue else { return }
        isNoticeDue = true
        eventLoop.assumeIsolated().execute { [weak self] in
            self?.isNoticeDue = false
            self?.listener()
        }
    }

    /// These are the identities that there are: what is remembered of others goes.
    package func identitiesChanged(to names: Set<String>) {
        states = states.filter { names.contains($0.key) }
    }

    /// The oldest that is remembered; nil for none.
    var oldest: UInt64? { entries.suffix(EventRing.capacity).first?.sequence }

    /// Up to `limit` events after number `sequence`, the oldest first.
    func entries(after sequence: UInt64, limit: Int) -> [EventReport] {
        let kept = entries.suffix(EventRing.capacity)
        guard let oldest = kept.first?.sequence else { return [] }
        // Numbers are counted up without a gap.
        let skipped = sequence < oldest ? 0 : Int(clamping: sequence - oldest + 1)
        return Array(kept.dropFirst(skipped).prefix(max(0, limit)))
    }
}
