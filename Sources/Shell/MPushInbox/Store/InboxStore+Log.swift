import MPushModel
import MPushPlatform

/// The write-ahead log beside the database. After a sync that failed Linux does not write again what that should have written:
/// the log has a hole on the disk that nobody sees before the power is off. It ends there then, and with it all that was
/// stored behind the hole is lost; and a database into which the log is just being brought is torn, for it needs a whole log.
/// So the log is written once more before anything is added to it, or taken out of it.
extension InboxStore {
    /// From how many pages on the log is brought into the database. 1 MiB: it must fit into the file with the help of the
    /// reserve, where the disk is full.
    private static let longLog = 250
    /// A message takes no less in a log, in bytes.
    private static let shortestMessage = 16

    /// Begins a transaction. After a failure of the disk the log goes into the database first: where that does not work either,
    /// nothing is taken, and that is said, rather than let the log grow.
    func begin() throws(SQLiteError) {
        if database.hasDiskFailed { try emptyLog() }
        try database.execute("BEGIN IMMEDIATE")
    }

    /// Ends a transaction.
    func commit() throws(SQLiteError) {
        try database.execute("COMMIT")
        emptyLongLog()
    }

    /// SQLite would do it as well, but then nobody hears that a sync has failed in it. Where it fails it is done later: what
    /// was committed stands.
    func emptyLongLog() {
        guard database.logPages >= InboxStore.longLog, (try? renewLog()) != nil else { return }
        try? database.execute("PRAGMA wal_checkpoint(PASSIVE)")
    }

    /// Brings what the log holds into the database, and gives its room back.
    func emptyLog() throws(SQLiteError) {
        try renewLog()
        try database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    }

    /// Makes good what a sync may have missed. No transaction may be open.
    func renewLog() throws(SQLiteError) {
        guard database.hasDiskFailed else { return }
        if let error = InboxStore.renewLog(at: database.logPath, files) { throw InboxStore.unrenewed(error) }
        database.hasDiskFailed = false
    }

    /// A log, or the end of one, was lost with its `bytes`: positions in it that were given, and that this database does not
    /// know, are not given again. In one transaction: without its row, a database with messages is taken for a damaged one.
    /// None may be open.
    func skipPositions(ofLog bytes: Int) throws(SQLiteError) {
        let last = tally.status.last.rawValue
        let next = last + min(Int64(bytes / InboxStore.shortestMessage), MessagePosition.highest.rawValue - last)
        try transact { () throws(SQLiteError) in
            try database.execute(
                """
                DELETE FROM sqlite_sequence WHERE name = 'message';
                INSERT INTO sqlite_sequence(name, seq) VALUES ('message', \(next))
                """)
            tally.status.last = MessagePosition(rawValue: next)
        }
    }

    static func unrenewed(_ error: OSError? = nil) -> SQLiteError {
        SQLiteError(
            code: SQLiteError.disk, message: "the log cannot be written once more", systemError: error?.number ?? 0)
    }

    /// The same for the log at `path`, if there is one: what went wrong.
    static func renewLog(at path: String, _ files: any FileStore) -> OSError? {
        do throws(OSError) {
            guard let size = try files.look(at: path)?.size, size > 0 else { return nil }
            try files.rewrite(path)
            return nil
        } catch {
            return error
        }
    }
}
