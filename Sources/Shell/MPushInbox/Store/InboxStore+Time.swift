import MPushModel
import MPushPlatform

/// What the clocks show at one moment.
struct ClockReading: Equatable, Sendable {
    /// For people. Never trusted to have been right before.
    var wall: WallTime
    /// The time since the boot.
    var boot: Instant
    /// Which boot that is; nil where nobody says.
    var bootID: String?

    init(wall: WallTime, boot: Instant, bootID: String?) {
        self.wall = wall
        self.boot = boot
        self.bootID = bootID
    }

    init(_ clock: any ClockSource) {
        self.init(wall: clock.wall, boot: clock.now, bootID: clock.bootID)
    }
}

/// How the inbox's own time goes on, and what is mended when the wall clock is known to be right.
extension InboxStore {
    /// How often it is kept, in milliseconds; along with what is stored.
    private static let keptEvery: Int64 = 60_000

    // OR FAIL, as wherever one statement changes several rows, but for migrations: to take back half of it SQLite would keep every page as it was
    // before, in a file of its own in a directory that may not be there (sqlite.org/tempfiles.html, section 2.4). The
    // transaction is taken back as a whole.
    private static let moveOn = SQL("UPDATE OR FAIL message SET came = came + ?1 WHERE came > ?2")
    private static let mendReceived = SQL(
        """
        UPDATE OR FAIL message SET received = ?1 - (?2 - came)
        WHERE position > ?3 AND came IS NOT NULL
            AND received NOT BETWEEN ?1 - (?2 - came) - ?4 AND ?1 - (?2 - came) + ?4
        """)

    /// The clocks show `reading`.
    func passTime(to reading: ClockReading) {
        wall = reading.wall
        tally.time.passed(to: reading.boot.sinceBoot.wholeMilliseconds)
    }

    /// Looks at the wall clock and keeps the time, once a minute, within the transaction that is open.
    func keepTime(_ reading: ClockReading, isSynchronised: @autoclosure () -> Bool) throws(SQLiteError) {
        if let kept = tally.timeKept, tally.time.now - kept < InboxStore.keptEvery { return }
        if tally.timeKept == nil { try removeTrial() }
        if isSynchronised() { try follow(reading.wall) }
        try tally.time.keep(in: database)
        tally.timeKept = tally.time.now
    }

    private func follow(_ wall: WallTime) throws(SQLiteError) {
        let wall = wall.millisecondsSince1970
        switch tally.time.synchronised(wall: wall, newestOnRecord: tally.newestOnRecord) {
        case .none: break
        case .wasOff(let length, let since):
            try database.statement(InboxStore.moveOn).bind(1, length).bind(2, since).run()
            try mendWallTimes(wall)
        case .wasWrong: try mendWallTimes(wall)
        }
    }

    /// What came in this boot came so long ago as the inbox's own time says: the wall clock of then, where it was wrong,
    /// would show people another date.
    private func mendWallTimes(_ wall: Int64) throws(SQLiteError) {
        try database.statement(InboxStore.mendReceived).bind(1, wall).bind(2, tally.time.now).bind(
            3, tally.time.beganAfter
        ).bind(4, InboxTime.leastLeap).run()
    }
}

extension InboxTime {
    private static let keep = SQL("INSERT OR REPLACE INTO clock VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7)")

    /// As the database has it.
    init(_ database: Database) throws(SQLiteError) {
        let statement = try database.prepare(
            "SELECT now, boot, uptime, began, began_after, agreed_wall, agreed_now FROM clock")
        defer { statement.finish() }
        guard try statement.step() else {
            self.init(now: 0, bootID: nil, uptime: 0, began: 0, beganAfter: 0, agreement: nil)
            return
        }
        self.init(
            now: statement.integer(0), bootID: statement.isNull(1) ? nil : statement.text(1),
            uptime: statement.integer(2), began: statement.integer(3), beganAfter: statement.integer(4),
            agreement: statement.isNull(5) ? nil : Agreement(wall: statement.integer(5), now: statement.integer(6)))
    }

    /// Keeps it, within the transaction that is open.
    func keep(in database: Database) throws(SQLiteError) {
        try database.statement(InboxTime.keep)
            .bind(1, now).bind(2, bootID).bind(3, uptime).bind(4, began).bind(5, beganAfter)
            .bind(6, agreement?.wall).bind(7, agreement?.now).run()
    }
}
