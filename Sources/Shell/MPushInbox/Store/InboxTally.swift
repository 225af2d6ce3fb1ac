import MPushTime

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
        last = MessagePosition(
            rawValue: try database.number("SELECT seq FROM sqlite_sequence WHERE name = 'message'") ?? 0)
        time = try InboxTime(database)
        time.opened(
            in: reading.bootID, uptime: reading.boot.sinceBoot.wholeMilliseconds, last: last.rawValue,
            newest: try database.number("SELECT coalesce(came, 0) FROM message ORDER BY position DESC LIMIT 1") ?? 0)
        let sums = try database.prepare(
            """
            SELECT count(*), coalesce(sum(size), 0), coalesce(max(iif(position <= ?1, received, 0)), 0) FROM message
            """)
        defer { sums.finish() }
        _ = try sums.bind(1, time.beganAfter).step()
        messages = Int(clamping: sums.integer(0))
        bytes = Int(clamping: sums.integer(1))
        newestOnRecord = sums.integer(2)
        let rows = try database.prepare("SELECT kind, name, number, cursor, active FROM consumer")
        defer { rows.finish() }
        var consumers: [ConsumerName: ConsumerRow] = [:]
        while try rows.step() {
            let name = rows.text(1)
            consumers[rows.integer(0) == 0 ? .route(name) : .follower(name)] = ConsumerRow(
                number: rows.integer(2), cursor: rows.integer(3), isActive: rows.integer(4) != 0)
        }
        self.consumers = consumers
    }

    /// Up to here every consumer that somebody uses has settled everything.
    var settledByAll: Int64 {
        consumers.values.lazy.filter(\.isActive).map(\.cursor).min() ?? last.rawValue
    }
}
