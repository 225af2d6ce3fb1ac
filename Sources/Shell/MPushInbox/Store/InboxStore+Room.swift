import MPushConfiguration
import MPushModel

/// The bounds: age, count and bytes.
extension InboxStore {
    /// How many messages give way at a time: work that is done along with storing must stay short.
    private static let step = 256
    /// How long until old messages are looked for again, in milliseconds.
    private static let leastPause: Int64 = 60_000

    /// Whether there is room for a message of `size` bytes; what everybody has had gives way, and with `drop_oldest` what
    /// they have not.
    func makeRoom(for size: Int, settings: InboxSettings) throws(SQLiteError) -> Bool {
        guard size <= settings.maximumBytes, settings.maximumMessages > 0 else { return false }
        while !hasRoom(for: size, settings: settings) {
            if try removeSettled(before: .max) > 0 { continue }
            guard settings.onFull == .dropOldest else { return false }
            let removed = try removeOldest()
            guard removed > 0 else { return false }
            tally.dropped += UInt64(removed)
        }
        return true
    }

    private func hasRoom(for size: Int, settings: InboxSettings) -> Bool {
        tally.messages < settings.maximumMessages && tally.bytes + size <= settings.maximumBytes
    }

    /// Removes what is too old, a bounded number at a time and once a minute.
    func removeOld(settings: InboxSettings) throws(SQLiteError) {
        let now = tally.time.now
        if let lastPruning, now - lastPruning < InboxStore.leastPause { return }
        let settled = try removeSettled(before: now - settings.keepDelivered.wholeMilliseconds)
        let dropped = try removeOlder(than: now - settings.maximumAge.wholeMilliseconds)
        tally.dropped += UInt64(dropped)
        // More of them are left: the next transaction goes on.
        if settled < InboxStore.step, dropped < InboxStore.step { lastPruning = now }
    }

    /// The oldest that every consumer has settled, that came before `time` of the inbox's own, and that no dead letter holds.
    func removeSettled(before time: Int64) throws(SQLiteError) -> Int {
        let statement = try database.statement(
            """
            DELETE FROM message WHERE position IN (
                SELECT position FROM message WHERE position <= ?1 AND coalesce(came, 0) < ?2 AND NOT EXISTS (
                    SELECT 1 FROM delivery WHERE delivery.position = message.position AND state >= 3)
                ORDER BY position LIMIT ?3)
            RETURNING position, size
            """)
        statement.bind(1, tally.settledByAll).bind(2, time).bind(3, Int64(InboxStore.step))
        return try removed(statement)
    }

    /// How much content `removeSettled` would remove in so many `steps`.
    func settledBytes(in steps: Int) throws(SQLiteError) -> Int64 {
        let statement = try database.statement(
            """
            SELECT size FROM message WHERE position <= ?1 AND NOT EXISTS (
                SELECT 1 FROM delivery WHERE delivery.position = message.position AND state >= 3)
            ORDER BY position LIMIT ?2
            """)
        return try statement.bind(1, tally.settledByAll).bind(2, Int64(steps * InboxStore.step)).rows {
            $0.integer(0, in: 0...Int64(Database.longestValue))
        }.reduce(0, +)
    }

    private func removeOlder(than time: Int64) throws(SQLiteError) -> Int {
        let statement = try database.statement(
            """
            DELETE FROM message WHERE position IN (
                SELECT position FROM (SELECT position, came FROM message ORDER BY position LIMIT ?2)
                WHERE coalesce(came, 0) < ?1)
            RETURNING position, size
            """)
        statement.bind(1, time).bind(2, Int64(InboxStore.step))
        return try removed(statement)
    }

    private func removeOldest() throws(SQLiteError) -> Int {
        let statement = try database.statement(
            """
            DELETE FROM message WHERE position IN (SELECT position FROM message ORDER BY position LIMIT ?1)
            RETURNING position, size
            """)
        statement.bind(1, Int64(max(1, min(InboxStore.step, tally.messages / 100))))
        return try removed(statement)
    }

    /// Runs a DELETE that returns positions and sizes, and forgets what was recorded of them.
    private func removed(_ statement: Statement) throws(SQLiteError) -> Int {
        // As it was counted at the start.
        let removed = try statement.rows { ($0.integer(0), $0.integer(1, in: 0...Int64(Database.longestValue))) }
        let forget = try database.statement("DELETE FROM delivery WHERE position = ?1")
        for (position, size) in removed {
            tally.messages -= 1
            tally.bytes -= Int(clamping: size)
            forget.bind(1, position)
            try forget.run()
        }
        return removed.count
    }
}
