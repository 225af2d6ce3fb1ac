import MPushModel

/// What a follower has, has confirmed, and gets next. A pure value; what a message costs does not grow with how many others
/// are out or confirmed.
struct FollowerLedger {
    /// All up to here is confirmed.
    private(set) var cursor: MessagePosition
    /// Confirmed though something before it is not.
    private(set) var settledAhead: Set<MessagePosition>
    /// All up to here was handed out, or need not be.
    private(set) var readTo: MessagePosition
    /// The last that the inbox is known to have.
    private(set) var newest: MessagePosition
    /// Handed out in this connection and not confirmed.
    private var outstanding: Set<MessagePosition> = []
    /// All that was handed out in this connection, in order; from `firstOut` on some are not confirmed.
    private var handedOut: [MessagePosition] = []
    private var firstOut = 0

    init(_ state: ConsumerProgress, newest: MessagePosition) {
        cursor = state.cursor
        settledAhead = Set(state.settledAhead.filter { $0 > state.cursor })
        readTo = state.cursor
        self.newest = max(newest, state.cursor)
    }

    var isLevel: Bool { readTo >= newest }

    /// How many were handed out and are not confirmed.
    var unacknowledged: Int { outstanding.count }

    mutating func newestIs(_ position: MessagePosition) { newest = max(newest, position) }

    /// Nobody has anything: all that is not confirmed is handed out again.
    mutating func disconnected() {
        outstanding = []
        handedOut = []
        firstOut = 0
        readTo = cursor
    }

    /// Which of these, the next in order, are to be handed out; they count as handed out then. An empty page says that
    /// there was nothing up to `end`.
    mutating func handOut(_ page: [StoredMessage], upTo end: MessagePosition) -> [StoredMessage] {
        let fresh = page.filter { $0.position > readTo && !settledAhead.contains($0.position) }
        handedOut += fresh.map(\.position)
        outstanding.formUnion(fresh.lazy.map(\.position))
        readTo = max(readTo, page.last?.position ?? end)
        newestIs(readTo)
        return fresh
    }

    /// These are confirmed, one by one.
    mutating func acknowledge(_ positions: [MessagePosition]) -> [ConsumerChange] {
        var new: [MessagePosition] = []
        for position in positions where position > cursor && settledAhead.insert(position).inserted {
            outstanding.remove(position)
            new.append(position)
        }
        guard !new.isEmpty else { return [] }
        let advance = advance()
        return new.map { .consumed($0) } + new.filter { $0 > cursor }.map { .settled($0) } + advance
    }

    /// All up to `position` are confirmed; `others` are those of them that were not handed out.
    mutating func acknowledge(upTo position: MessagePosition, others: [MessagePosition]) -> [ConsumerChange] {
        guard position > cursor else { return [] }
        var confirmed: [MessagePosition] = []
        while firstOut < handedOut.count, handedOut[firstOut] <= position {
            if outstanding.remove(handedOut[firstOut]) != nil { confirmed.append(handedOut[firstOut]) }
            firstOut += 1
        }
        confirmed += others.filter { !settledAhead.contains($0) }
        readTo = max(readTo, position)
        newestIs(position)
        return confirmed.map { .consumed($0) } + advance()
    }

    /// The cursor as a change, where it has moved.
    mutating func advance() -> [ConsumerChange] {
        while firstOut < handedOut.count, !outstanding.contains(handedOut[firstOut]) { firstOut += 1 }
        let isOut = firstOut < handedOut.count
        let next = isOut ? handedOut[firstOut].before : readTo
        if firstOut >= 1024, firstOut * 2 >= handedOut.count {
            handedOut.removeFirst(firstOut)
            firstOut = 0
        }
        guard next > cursor else { return [] }
        settledAhead.forget(from: cursor, to: next)
        cursor = next
        return [.advanced(to: next)]
    }
}
