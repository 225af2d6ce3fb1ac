import MPushConfiguration
import MPushTime

/// The bounds: age, count and bytes.
extension InboxStore {
    /// How many messages give way at a time: work that is done along with storing must stay short.
    private static let step = 256
    /// The wall clock is adjusted by less than this all the time; by more it was wrong before.
    private static let leastLeap = Duration.seconds(3600)

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

    /// Removes what is too old, a bounded number at a time and once a minute, at `now`.
    func removeOld(at now: WallTime, settings: InboxSettings) throws(SQLiteError) {
        let seconds = now.millisecondsSince1970 / 1000
        guard seconds - lastPruning >= 60 || seconds < lastPruning else { return }
        let kept = now.millisecondsSince1970 - settings.keepDelivered.wholeMilliseconds
        let oldest = now.millisecondsSince1970 - settings.maximumAge.wholeMilliseconds
        let settled = try removeSettled(before: kept)
        let dropped = try removeOlder(than: oldest)
        tally.dropped += UInt64(dropped)
        // More of them are left: the next transaction goes on.
        if settled < InboxStore.step, dropped < InboxStore.step { lastPruning = seconds }
    }

    /// A machine without a clock of its own wakes up in the past, and receives messages before the right time is known.
    /// Those must not count as old once it is: when the wall clock has leapt ahead of `boot`, the time since the boot, what
    /// this process has stored under the wrong time is moved with it.
    ///
    /// A clock that was ahead, and is set back, leaves messages that would be kept for as long as it was ahead, and that
    /// would hold the place of the oldest: those count as come now.
    func followClock(to now: WallTime, boot: Instant) throws(SQLiteError) {
        defer { tally.clocks = (now, boot) }
        let soon = now.millisecondsSince1970 &+ InboxStore.leastLeap.wholeMilliseconds
        if tally.latest > soon {
            try database.statement("UPDATE message SET received = ?1 WHERE received > ?2")
                .bind(1, now.millisecondsSince1970).bind(2, soon).run()
            tally.latest = now.millisecondsSince1970
        }
        guard let before = tally.clocks else { return }
        let passed = now.millisecondsSince1970 &- before.wall.millisecondsSince1970
        let leap = passed &- (boot - before.boot).wholeMilliseconds
        guard leap > InboxStore.leastLeap.wholeMilliseconds else { return }
        // The wrong clock would stand there now.
        let wrong = now.millisecondsSince1970 &- leap
        try database.statement("UPDATE message SET received = received + ?1 WHERE position > ?2 AND received <= ?3")
            .bind(1, leap).bind(2, inherited.rawValue).bind(3, wrong).run()
    }

    /// The oldest that every consumer has settled, that came before `time`, and that no dead letter holds.
    private func removeSettled(before time: Int64) throws(SQLiteError) -> Int {
        let statement = try database.statement(
            """
            DELETE FROM message WHERE position IN (
                SELECT position FROM message WHERE position <= ?1 AND received < ?2 AND NOT EXISTS (
                    SELECT 1 FROM delivery WHERE delivery.position = message.position AND state >= 3)
                ORDER BY position LIMIT ?3)
            RETURNING position, size
            """)
        statement.bind(1, tally.settledByAll).bind(2, time).bind(3, Int64(InboxStore.step))
        return try removed(statement)
    }

    private func removeOlder(than time: Int64) throws(SQLiteError) -> Int {
        let statement = try database.statement(
            """
            DELETE FROM message WHERE position IN (
                SELECT position FROM (SELECT position, received FROM message ORDER BY position LIMIT ?2)
                WHERE received < ?1)
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
        let removed = try statement.rows { ($0.integer(0), $0.integer(1)) }
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
