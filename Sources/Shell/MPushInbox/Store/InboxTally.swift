import MPushModel

/// What the store keeps in mind, so that it need not ask the database: copied before a transaction, and put back where
/// that fails.
struct InboxTally {
    var messages: Int
    /// Of content.
    var bytes: Int
    var last: MessagePosition
    /// By which messages age.
    var time: InboxTime
    /// When that was last kept; nil for not yet by this process.
    var timeKept: Int64?
    /// The latest wall time on record from an earlier boot, in milliseconds since 1970.
    let newestOnRecord: Int64
    var consumers: [ConsumerName: ConsumerRow]
    var stored: UInt64 = 0
    /// Of the content of what was stored.
    var storedBytes = 0
    var duplicates: UInt64 = 0
    var refused: UInt64 = 0
    var dropped: UInt64 = 0
    /// Transactions that were synced.
    var commits: UInt64 = 0
    var isFull = false

    /// What the database has, opened when the clocks showed `reading`.
    init(_ database: Database, at reading: InboxClock.Reading) throws(SQLiteError) {
        last = try InboxTally.last(in: database)
        time = try InboxTime(database)
        time.opened(
            in: reading.bootID, uptime: reading.boot.sinceBoot.wholeMilliseconds, last: last.rawValue,
            newest: try database.number("SELECT coalesce(came, 0) FROM message ORDER BY position DESC LIMIT 1") ?? 0)
        let sums = try database.prepare(
            """
            SELECT count(*), coalesce(sum(length(content)), 0), coalesce(max(iif(position <= ?1, received, 0)), 0),
                coalesce(max(length(content)), 0), coalesce(sum(size IS NOT length(content)), 0) FROM message
            """)
        defer { sums.finish() }
        _ = try sums.bind(1, time.beganAfter).step()
        messages = Int(clamping: sums.integer(0))
        bytes = Int(clamping: sums.integer(1))
        newestOnRecord = sums.integer(2)
        guard sums.integer(3) <= Database.longestValue else {
            throw SQLiteError(code: SQLiteError.corrupt, message: "a message of \(sums.integer(3)) bytes")
        }
        if sums.integer(4) > 0 {
            sums.reset()
            // What is taken away later must be what is counted now.
            try database.execute("UPDATE message SET size = length(content) WHERE size IS NOT length(content)")
        }
        let positions = 0...last.rawValue
        let rows = try database.prepare("SELECT kind, name, number, cursor, active FROM consumer")
        var consumers: [ConsumerName: ConsumerRow] = [:]
        _ = try rows.rows { row -> Void? in
            let name = row.text(1)
            consumers[row.integer(0) == 0 ? .route(name) : .follower(name)] = ConsumerRow(
                number: row.integer(2), cursor: row.integer(3, in: positions), isActive: row.integer(4) != 0)
            return nil
        }
        self.consumers = consumers
    }

    /// The last position that was given. Positions are counted up from 1: others are damage, and those that come to the end
    /// of all numbers would leave none for what comes.
    private static func last(in database: Database) throws(SQLiteError) -> MessagePosition {
        let last = try database.number("SELECT seq FROM sqlite_sequence WHERE name = 'message'") ?? 0
        let highest = try database.number("SELECT max(position) FROM message") ?? 0
        let lowest = try database.number("SELECT min(position) FROM message") ?? 0
        guard (0...MessagePosition.highest.rawValue).contains(last), highest <= last, lowest >= 0 else {
            throw SQLiteError(code: SQLiteError.corrupt, message: "positions from \(lowest) to \(highest) of \(last)")
        }
        return MessagePosition(rawValue: last)
    }

    /// Up to here every consumer that somebody uses has settled everything.
    var settledByAll: Int64 {
        consumers.values.lazy.filter(\.isActive).map(\.cursor).min() ?? last.rawValue
    }
}

/// A consumer as the store has it in mind.
struct ConsumerRow {
    let number: Int64
    var cursor: Int64
    /// Whether somebody uses it: then what it has not settled is kept as long as the bounds allow.
    var isActive: Bool
}
