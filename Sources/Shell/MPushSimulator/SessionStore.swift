package import MPushTime

/// The sessions that can be resumed, shared by all connections of a simulator.
package struct SessionStore: Sendable {
    /// The most that are kept; the oldest go first.
    package static let maximumCount = 100_000

    private struct Entry {
        let session: ReusableSession
        let end: Instant
        let order: UInt64
    }

    private var entries: [String: Entry] = [:]
    private var order: [(id: String, order: UInt64)] = []
    private var nextOrder: UInt64 = 0

    package init() {}

    /// How many sessions can be resumed, those included whose time is over and that nobody asked for since.
    package var count: Int { entries.count }

    /// Keeps `session` under `id` until `end`.
    package mutating func store(_ session: ReusableSession, id: String, until end: Instant) {
        nextOrder += 1
        entries[id] = Entry(session: session, end: end, order: nextOrder)
        order.append((id, nextOrder))
        if order.count > Self.maximumCount { dropOldest() }
    }

    /// The session with that `id`; nil where there is none or its time is over.
    package mutating func session(_ id: String, at now: Instant) -> ReusableSession? {
        guard let entry = entries[id] else { return nil }
        guard now < entry.end else {
            entries[id] = nil
            return nil
        }
        return entry.session
    }

    /// Forgets them all.
    package mutating func expireAll() {
        entries.removeAll()
        order.removeAll()
    }

    /// Lets go of the older half in one go, so that each call costs little in the mean.
    private mutating func dropOldest() {
        let gone = order.prefix(order.count / 2)
        order.removeFirst(gone.count)
        for (id, number) in gone where entries[id]?.order == number { entries[id] = nil }
    }
}
