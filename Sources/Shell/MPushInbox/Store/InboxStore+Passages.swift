import MPushModel

/// When each consumer came past which message, and for how long an operator has stopped it.
extension InboxStore {
    /// A consumer that goes on within this many milliseconds has one row for all of it.
    private static let together: Int64 = 1000
    /// Rows that are removed at a time: work that is done along with storing must stay short.
    private static let mostRemoved: Int64 = 4096

    private static let addPassage = SQL("INSERT OR REPLACE INTO passage VALUES (?1, ?2, ?3)")
    private static let movePassage = SQL("UPDATE passage SET position = ?1 WHERE position = ?3 AND consumer = ?2")
    private static let removePassagesOf = SQL("DELETE FROM passage WHERE consumer = ?1")
    private static let firstMessage = SQL("SELECT min(position) FROM message")
    private static let removeOld = SQL(
        """
        DELETE FROM passage WHERE position < ?1
            AND position <= (SELECT max(position) FROM (SELECT position FROM passage ORDER BY position LIMIT ?2))
        """)
    private static let findPassage = SQL(
        "SELECT at FROM passage WHERE position >= ?1 AND consumer = ?2 ORDER BY position LIMIT 1")
    private static let findPause = SQL("SELECT paused FROM consumer WHERE number = ?1 AND paused IS NOT NULL")
    private static let setPause = SQL("UPDATE consumer SET paused = ?2 WHERE number = ?1")

    /// The consumer has settled all up to `cursor` now.
    func notePassage(of name: ConsumerName, to cursor: MessagePosition) throws(SQLiteError) {
        guard let row = tally[name] else { return }
        let now = wall.millisecondsSince1970
        if let last = row.passage, (0..<InboxStore.together).contains(now &- last.time) {
            try database.statement(InboxStore.movePassage).bind(1, cursor.rawValue).bind(2, row.number)
                .bind(3, last.position).run()
            tally.passed(name, cursor.rawValue, at: last.time)
        } else {
            try database.statement(InboxStore.addPassage).bind(1, cursor.rawValue).bind(2, row.number).bind(3, now)
                .run()
            tally.passed(name, cursor.rawValue, at: now)
        }
    }

    /// When the consumer had settled the message at `position`; nil where that is not known any more, or never was.
    func passage(of consumer: Int64, past position: MessagePosition) throws(SQLiteError) -> WallTime? {
        let statement = try database.statement(InboxStore.findPassage).bind(1, position.rawValue).bind(2, consumer)
        return try statement.rows { $0.wallTime(0) }.first
    }

    func removePassages(of consumer: Int64) throws(SQLiteError) {
        try database.statement(InboxStore.removePassagesOf).bind(1, consumer).run()
    }

    /// Of messages that are gone nobody asks any more.
    func removeOldPassages() throws(SQLiteError) {
        let statement = try database.statement(InboxStore.firstMessage)
        let first = try statement.rows { $0.isNull(0) ? nil : $0.integer(0) }.first ?? tally.status.last.rawValue
        try database.statement(InboxStore.removeOld).bind(1, first).bind(2, InboxStore.mostRemoved).run()
    }

    /// Notes how long an operator wants nothing handed over; false where the consumer is not known.
    func pause(_ name: ConsumerName, _ pause: RoutePause?) throws(SQLiteError) -> Bool {
        guard let row = tally[name] else { return false }
        let end: Int64? =
            switch pause {
            case .untilResumed?: .max
            case .lasting(let time)?: tally.time.after(time)
            case nil: nil
            }
        try database.statement(InboxStore.setPause).bind(1, row.number).bind(2, end).run()
        return true
    }

    /// What is left of that wish.
    func pause(of consumer: Int64) throws(SQLiteError) -> RoutePause? {
        guard
            let end = try database.statement(InboxStore.findPause).bind(1, consumer).rows({ $0.integer(0) }).first
        else { return nil }
        if end == .max { return .untilResumed }
        let left = tally.time.left(until: end)
        return left > .zero ? .lasting(left) : nil
    }
}
