import MPushTime

/// What the store keeps in mind, so that it need not ask the database: copied before a transaction, and put back where
/// that fails.
struct InboxTally {
    var messages: Int
    /// Of content.
    var bytes: Int
    var last: MessagePosition
    /// When the one came that came latest by the wall clock of its time; milliseconds since 1970.
    var latest: Int64
    var consumers: [ConsumerName: ConsumerRow]
    var stored: UInt64 = 0
    var duplicates: UInt64 = 0
    var refused: UInt64 = 0
    var dropped: UInt64 = 0
    /// Transactions that were synced.
    var commits: UInt64 = 0
    var isFull = false
    /// The two clocks when they were last looked at together.
    var clocks: (wall: WallTime, boot: Instant)?

    init(_ database: Database) throws(SQLiteError) {
        let sums = try database.prepare(
            "SELECT count(*), coalesce(sum(size), 0), coalesce(max(received), 0) FROM message")
        defer { sums.finish() }
        _ = try sums.step()
        messages = Int(clamping: sums.integer(0))
        bytes = Int(clamping: sums.integer(1))
        latest = sums.integer(2)
        last = MessagePosition(
            rawValue: try database.number("SELECT seq FROM sqlite_sequence WHERE name = 'message'") ?? 0)
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
