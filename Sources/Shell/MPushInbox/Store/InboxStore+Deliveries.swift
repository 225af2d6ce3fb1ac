import MPushModel

/// What is recorded of single messages and consumers. Each record is made, changed and removed here, and counted with it:
/// so many dead letters are said as there are.
extension InboxStore {
    /// A record as it counts; the state is nil where it is none that there is.
    struct Counted {
        let consumer: Int64
        let position: Int64
        let state: DeliveryState?
        let bytes: Int

        /// Reads the four columns.
        init(_ row: Statement) {
            consumer = row.integer(0)
            position = row.integer(1)
            state = DeliveryState(rawValue: row.integer(2))
            bytes = Int(row.integer(3, in: 0...Int64(Database.longestValue)))
        }
    }

    private static let columns = "consumer, position, state, \(DeliveryRecord.sqlBytes)"
    private static let find = SQL("SELECT \(columns) FROM delivery WHERE consumer = ?1 AND position = ?2")
    private static let insert = SQL(
        """
        INSERT OR FAIL INTO delivery(consumer, position, state, attempts, at, reason)
        SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE EXISTS (SELECT 1 FROM message WHERE position = ?2) RETURNING 1
        """)
    private static let update = SQL(
        "UPDATE delivery SET state = ?3, attempts = ?4, at = ?5, reason = ?6 WHERE consumer = ?1 AND position = ?2")
    private static let remove = SQL(
        "DELETE FROM delivery WHERE consumer = ?1 AND position = ?2 RETURNING \(columns)")
    private static let removeOfMessage = SQL("DELETE FROM delivery WHERE position = ?1 RETURNING \(columns)")
    private static let ofConsumer = SQL("SELECT \(columns) FROM delivery WHERE consumer = ?1")
    private static let removeOfConsumer = SQL("DELETE FROM delivery WHERE consumer = ?1")
    private static let passed =
        "consumer = ?1 AND position > ?2 AND position <= ?3 AND state IN \(DeliveryState.sql(.settled, .attempted))"
    private static let ofPassed = SQL("SELECT \(columns) FROM delivery WHERE \(passed)")
    private static let removePassed = SQL("DELETE FROM delivery WHERE \(passed)")
    // In the order of the table: nothing is sorted.
    private static let counts = SQL(
        """
        SELECT consumer, sum(\(DeliveryRecord.sqlBytes)),
            sum(state = \(DeliveryState.settled.sql)), sum(state = \(DeliveryState.dead.sql))
        FROM delivery GROUP BY consumer
        """)
    private static let orphans = SQL(
        """
        SELECT consumer, position FROM delivery
        WHERE (consumer, position) > (?1, ?2)
            AND NOT EXISTS (SELECT 1 FROM message WHERE message.position = delivery.position)
        ORDER BY consumer, position LIMIT ?3
        """)
    private static let removeOrphan = SQL("DELETE FROM delivery WHERE consumer = ?1 AND position = ?2")
    /// So many of them go in one transaction.
    private static let mostOrphans: Int64 = 4096

    /// The state of what is recorded; nil for nothing.
    func state(at position: Int64, of consumer: Int64) throws(SQLiteError) -> DeliveryState? {
        try found(at: position, of: consumer)?.state
    }

    /// Records it in place of what was recorded. Of a message that is not there any more there is nothing to record.
    func put(_ record: DeliveryRecord, at position: Int64, of consumer: Int64) throws(SQLiteError) {
        let before = try found(at: position, of: consumer)
        let statement = try database.statement(before == nil ? InboxStore.insert : InboxStore.update)
        statement.bind(1, consumer).bind(2, position).bind(3, record.state.rawValue).bind(4, Int64(record.attempts))
            .bind(5, record.time).bind(6, record.reason)
        let inserted = try statement.rows { _ in true }
        guard before != nil || !inserted.isEmpty else { return }
        if let before { tally.uncount(before) }
        tally.count(record.state, bytes: record.bytes, of: consumer)
    }

    /// Forgets what is recorded.
    func removeRecord(at position: Int64, of consumer: Int64) throws(SQLiteError) {
        try removeRecords(database.statement(InboxStore.remove).bind(1, consumer).bind(2, position))
    }

    /// The message is gone.
    func removeRecords(ofMessageAt position: Int64) throws(SQLiteError) {
        try removeRecords(database.statement(InboxStore.removeOfMessage).bind(1, position))
    }

    /// The consumer is gone.
    func removeRecords(of consumer: Int64) throws(SQLiteError) {
        try removeRecords(InboxStore.ofConsumer, InboxStore.removeOfConsumer) { $0.bind(1, consumer) }
    }

    /// The consumer's cursor goes from `cursor` to `position`: what was settled or tried between is forgotten.
    func removeRecords(of consumer: Int64, after cursor: Int64, upTo position: Int64) throws(SQLiteError) {
        try removeRecords(InboxStore.ofPassed, InboxStore.removePassed) {
            $0.bind(1, consumer).bind(2, cursor).bind(3, position)
        }
    }

    /// There may be a million of them, so they are counted first. Where there is RETURNING, SQLite keeps in memory all rows that
    /// it gives, and the pages of those that it deletes, as they were before, in a file of its own, for which there may be no room
    /// (sqlite.org/tempfiles.html, section 2.4).
    private func removeRecords(
        _ found: SQL, _ removed: SQL, _ bind: (Statement) -> Statement
    ) throws(SQLiteError) {
        let records = bind(try database.statement(found))
        try records.forEachRow { tally.uncount(Counted($0)) }
        try bind(database.statement(removed)).run()
    }

    private func removeRecords(_ statement: Statement) throws(SQLiteError) {
        try statement.forEachRow { tally.uncount(Counted($0)) }
    }

    private func found(at position: Int64, of consumer: Int64) throws(SQLiteError) -> Counted? {
        let statement = try database.statement(InboxStore.find).bind(1, consumer).bind(2, position)
        return try statement.rows { Counted($0) }.first
    }

    /// Counts what the database has, once it is open. Records of messages that are not there, as earlier versions left
    /// them, are removed where the disk lets that be; else they count, as they do when they are removed later.
    func countRecords() throws(SQLiteError) {
        do throws(SQLiteError) {
            try removeOrphans()
        } catch {
            guard error.kind == .diskFull || error.kind == .readOnly else { throw error }
        }
        let most = Int64(Int32.max)
        let sums = try database.statement(InboxStore.counts).rows { row in
            (row.integer(0), Int(clamping: row.integer(1)), row.integer(2, in: 0...most), row.integer(3, in: 0...most))
        }
        for (consumer, bytes, settled, dead) in sums {
            tally.count(nil, bytes: bytes, of: consumer)
            tally.count(.settled, bytes: 0, of: consumer, records: Int(settled))
            tally.count(.dead, bytes: 0, of: consumer, records: Int(dead))
        }
    }

    /// In parts, whose keys are read before: SQLite would keep all of them in a file of its own.
    private func removeOrphans() throws(SQLiteError) {
        var last = (consumer: Int64.min, position: Int64.min)
        while true {
            let found = try database.statement(InboxStore.orphans).bind(1, last.consumer).bind(2, last.position)
                .bind(3, InboxStore.mostOrphans).rows { (consumer: $0.integer(0), position: $0.integer(1)) }
            // A key that is no number, in a damaged file, is read as one and would be found again.
            guard let end = found.last, end > last else { return }
            try transact { () throws(SQLiteError) in
                for orphan in found {
                    try database.statement(InboxStore.removeOrphan).bind(1, orphan.consumer).bind(2, orphan.position)
                        .run()
                }
            }
            last = end
        }
    }
}
