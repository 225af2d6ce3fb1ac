import MPushInbox
import MPushModel

/// What a follower has, has confirmed, and gets next. A pure value.
struct FollowerLedger {
    /// All up to here is confirmed.
    private(set) var cursor: MessagePosition
    /// Confirmed though something before it is not.
    private(set) var settledAhead: Set<MessagePosition>
    /// Handed out in this connection and not confirmed, in order.
    private(set) var unacknowledged: [MessagePosition] = []
    /// All up to here was handed out, or need not be.
    private(set) var readTo: MessagePosition
    /// The last that the inbox is known to have.
    private(set) var newest: MessagePosition

    init(_ state: ConsumerProgress, newest: MessagePosition) {
        cursor = state.cursor
        settledAhead = Set(state.settledAhead.filter { $0 > state.cursor })
        readTo = state.cursor
        self.newest = max(newest, state.cursor)
    }

    var isLevel: Bool { readTo >= newest }

    mutating func newestIs(_ position: MessagePosition) { newest = max(newest, position) }

    /// Nobody has anything: all that is not confirmed is handed out again.
    mutating func disconnected() {
        unacknowledged = []
        readTo = cursor
    }

    /// Which of these, the next in order, are to be handed out; they count as handed out then. An empty page says that
    /// there was nothing up to `end`.
    mutating func handOut(_ page: [StoredMessage], upTo end: MessagePosition) -> [StoredMessage] {
        let fresh = page.filter { $0.position > readTo && !settledAhead.contains($0.position) }
        unacknowledged += fresh.map(\.position)
        readTo = max(readTo, page.last?.position ?? end)
        newestIs(readTo)
        return fresh
    }

    /// One is confirmed.
    mutating func acknowledge(_ position: MessagePosition) -> [ConsumerChange] {
        guard position > cursor, settledAhead.insert(position).inserted else { return [] }
        unacknowledged.removeAll { $0 == position }
        let advance = advance()
        return [.consumed(position)] + (position > cursor ? [.settled(position)] : []) + advance
    }

    /// All up to `position` are confirmed; `others` are those of them that were not handed out.
    mutating func acknowledge(upTo position: MessagePosition, others: [MessagePosition]) -> [ConsumerChange] {
        guard position > cursor else { return [] }
        let now = unacknowledged.filter { $0 <= position } + others.filter { !settledAhead.contains($0) }
        unacknowledged.removeAll { $0 <= position }
        readTo = max(readTo, position)
        newestIs(position)
        return now.map { .consumed($0) } + advance()
    }

    /// The cursor as a change, where it has moved.
    mutating func advance() -> [ConsumerChange] {
        let next = unacknowledged.first.map { MessagePosition(rawValue: $0.rawValue - 1) } ?? readTo
        guard next > cursor else { return [] }
        cursor = next
        settledAhead = settledAhead.filter { $0 > next }
        return [.advanced(to: next)]
    }
}
