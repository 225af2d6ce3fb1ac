import MPushConfiguration
import MPushModel

/// The bounds: age, count and bytes.
extension InboxStore {
    /// How many messages are looked at at a time: work that is done along with storing must stay short.
    static let step = 256
    /// So much of what is kept gives way at a time: a hundredth.
    private static let share = 100
    /// How many steps are looked through for whether all that is settled would do, before any of it goes.
    private static let stepsBefore = 4
    /// How long until old messages are looked for again, in milliseconds.
    private static let leastPause: Int64 = 60_000

    private static let columns = "position, \(InboxTally.sqlBytes), coalesce(came, 0)"
    /// For those whose age does not matter: it lies behind the content, all of which is read on the way to it.
    private static let ageless = "position, \(InboxTally.sqlBytes), 0"
    private static let isHeld = """
        EXISTS (SELECT 1 FROM delivery
            WHERE delivery.position = message.position AND state IN \(DeliveryState.sql(.dead, .returned)))
        """
    private static let settled = SQL("SELECT \(columns), \(isHeld) FROM message \(settledOnes)")
    private static let settledAgeless = SQL("SELECT \(ageless), \(isHeld) FROM message \(settledOnes)")
    private static let settledOnes = "WHERE position > ?1 AND position <= ?2 ORDER BY position LIMIT ?3"
    private static let one = SQL("SELECT \(columns), \(isHeld) FROM message WHERE position = ?1")
    private static let oldest = SQL("SELECT \(columns), 0 FROM message ORDER BY position LIMIT ?1")
    private static let oldestAgeless = SQL("SELECT \(ageless), 0 FROM message ORDER BY position LIMIT ?1")
    private static let delete = SQL("DELETE FROM message WHERE position = ?1")

    /// A message that may give way.
    private struct Candidate {
        let position: Int64
        let bytes: Int
        /// When it came, by the inbox's own time.
        let came: Int64
        let isHeld: Bool

        init(_ row: Statement) {
            position = row.integer(0)
            bytes = Int(clamping: row.integer(1))
            came = row.integer(2)
            isHeld = row.integer(3) != 0
        }
    }

    /// Whether there is room for a message that counts `bytes`; what everybody has had gives way, and with `drop_oldest`
    /// what they have not.
    func makeRoom(for bytes: Int, settings: InboxSettings) throws(SQLiteError) -> Bool {
        guard bytes <= settings.maximumBytes, settings.maximumMessages > 0 else { return false }
        // Where others are dropped too, what everybody has had goes first in any case.
        let isTried = settings.onFull == .dropOldest
        if try makeRoomAmongSettled(for: bytes, settings: settings, isTried: isTried) { return true }
        guard settings.onFull == .dropOldest else { return false }
        while !hasRoom(for: bytes, settings: settings) {
            let removed = try removeOldest()
            guard removed > 0 else { return false }
            tally.status.dropped += UInt64(removed)
        }
        return true
    }

    /// Who is gone is known no longer if it comes once more: no more of them than it takes, and a share; none where it is seen in a
    /// few steps that all of them would not do, unless it `isTried` in any case.
    private func makeRoomAmongSettled(
        for bytes: Int, settings: InboxSettings, isTried: Bool = false
    ) throws(SQLiteError) -> Bool {
        var missing: Int { max(0, tally.status.bytes - settings.maximumBytes + bytes) }
        if missing > 0, !isTried {
            let settled = try settledBytes(upTo: Int64(missing), in: InboxStore.stepsBefore)
            if settled.isAll, settled.bytes < missing { return false }
        }
        while !hasRoom(for: bytes, settings: settings) {
            let step = try removeSettled(
                before: .max, most: mostAtOnce,
                bytes: max(1, missing, settings.maximumBytes / InboxStore.share))
            guard step.removed > 0 || step.hasMore else { return false }
        }
        return true
    }

    private func hasRoom(for bytes: Int, settings: InboxSettings) -> Bool {
        tally.status.messages < settings.maximumMessages && tally.status.bytes + bytes <= settings.maximumBytes
    }

    /// Whether what was refused would find room by now: then the inbox is full no longer.
    func lookForRoom(settings: InboxSettings) throws(SQLiteError) {
        guard let refused = tally.refusedBytes else { return }
        // What can never fit any more, under other bounds, says nothing of the room that there is.
        let bytes = refused <= settings.maximumBytes ? refused : 1
        let hasRoom = try makeRoomAmongSettled(for: bytes, settings: settings)
        let givesWay = settings.onFull == .dropOldest && tally.status.messages > 0
        if hasRoom || givesWay { tally.refusedBytes = nil }
    }

    /// Removes what is too old, a bounded number at a time and once a minute.
    func removeOld(settings: InboxSettings) throws(SQLiteError) {
        let now = tally.time.now
        if let lastPruning, now - lastPruning < InboxStore.leastPause { return }
        let maximumAge = settings.maximumAge.wholeMilliseconds
        let keepDelivered = min(settings.keepDelivered.wholeMilliseconds, maximumAge)
        // More of them are left: the next transaction goes on. What everybody has had is gone before anything is dropped.
        guard try !removeSettled(before: now - keepDelivered).hasMore else { return }
        try removeOldPassages()
        let dropped = try removeOlder(than: now - maximumAge)
        tally.status.dropped += UInt64(dropped)
        if dropped < InboxStore.step { lastPruning = now }
    }

    /// Removes of the oldest that every consumer has settled those that came before `time` of the inbox's own, and that no
    /// dead letter holds: `most` at a time, and no more than it takes for `bytes`. Begins where it stopped the last time: what
    /// dead letters hold is passed once.
    func removeSettled(
        before time: Int64, most: Int = InboxStore.step, bytes: Int = .max
    ) throws(SQLiteError) -> (removed: Int, hasMore: Bool) {
        var (removed, sum) = try removeReleased(before: time, most: most, bytes: bytes)
        guard removed < most, sum < bytes else { return (removed, true) }
        let statement = try database.statement(time == .max ? InboxStore.settledAgeless : InboxStore.settled)
        statement.bind(1, tally.settledTo).bind(2, tally.settledByAll).bind(3, Int64(most - removed))
        var isTooYoung = false
        var seen = 0
        let candidates = try statement.firstRows { row -> Candidate? in
            guard sum < bytes else { return nil }
            let candidate = Candidate(row)
            // Those behind it came later.
            isTooYoung = !candidate.isHeld && candidate.came >= time
            guard !isTooYoung else { return nil }
            seen += 1
            sum += candidate.isHeld ? 0 : candidate.bytes
            return candidate
        }
        let hasMore = !isTooYoung && (seen == most - removed || sum >= bytes)
        for candidate in candidates {
            if !candidate.isHeld {
                try remove(candidate)
                removed += 1
            }
            tally.settledTo = candidate.position
        }
        return (removed, hasMore)
    }

    private func removeReleased(
        before time: Int64, most: Int, bytes: Int
    ) throws(SQLiteError) -> (removed: Int, bytes: Int) {
        guard !tally.released.isEmpty else { return (0, 0) }
        let settledByAll = tally.settledByAll
        var done: [Int64] = []
        var (removed, sum) = (0, 0)
        for position in tally.released where position <= settledByAll && removed < most && sum < bytes {
            let found = try database.statement(InboxStore.one).bind(1, position).rows { Candidate($0) }.first
            if let found, !found.isHeld {
                guard found.came < time else { continue }
                try remove(found)
                removed += 1
                sum += found.bytes
            }
            done.append(position)
        }
        tally.removeReleased(done)
        return (removed, sum)
    }

    /// How much `removeSettled` would remove in so many `steps`, at most, and whether that is all that it could; it is not looked
    /// for more than `enough`.
    func settledBytes(upTo enough: Int64, in steps: Int) throws(SQLiteError) -> (bytes: Int64, isAll: Bool) {
        var sum: Int64 = 0
        let most = steps * InboxStore.step
        let statement = try database.statement(InboxStore.settledAgeless)
        statement.bind(1, tally.settledTo).bind(2, tally.settledByAll).bind(3, Int64(most))
        var seen = 0
        _ = try statement.firstRows { row -> Void? in
            guard sum < enough else { return nil }
            seen += 1
            let candidate = Candidate(row)
            sum += candidate.isHeld ? 0 : Int64(candidate.bytes)
            return ()
        }
        for position in tally.released.prefix(most) where sum < enough {
            let found = try database.statement(InboxStore.one).bind(1, position).rows { Candidate($0) }.first
            if let found, !found.isHeld { sum += Int64(found.bytes) }
        }
        return (sum, sum < enough && seen < most && tally.released.count <= most)
    }

    private func removeOlder(than time: Int64) throws(SQLiteError) -> Int {
        let statement = try database.statement(InboxStore.oldest).bind(1, Int64(InboxStore.step))
        let candidates = try statement.firstRows { row -> Candidate? in
            let candidate = Candidate(row)
            return candidate.came < time ? candidate : nil
        }
        for candidate in candidates { try remove(candidate) }
        return candidates.count
    }

    private var mostAtOnce: Int { max(1, min(InboxStore.step, tally.status.messages / InboxStore.share)) }

    private func removeOldest() throws(SQLiteError) -> Int {
        let candidates = try database.statement(InboxStore.oldestAgeless).bind(1, Int64(mostAtOnce))
            .rows { Candidate($0) }
        for candidate in candidates { try remove(candidate) }
        return candidates.count
    }

    /// Removes the message, and with it what was recorded of it: its dead letters, too.
    private func remove(_ message: Candidate) throws(SQLiteError) {
        try database.statement(InboxStore.delete).bind(1, message.position).run()
        tally.status.messages = max(0, tally.status.messages - 1)
        tally.status.bytes = max(0, tally.status.bytes - message.bytes)
        try removeRecords(ofMessageAt: message.position)
    }
}
