import MPushConfiguration
import MPushModel
import MPushPlatform
import NIOCore

/// The inbox's database and what is kept in mind of it. Used by one thread at a time.
final class InboxStore {
    let database: Database
    let path: String
    /// The database's own name: messages without an id get one that begins with it.
    let name: String
    /// Holds room on the disk for `giveWay`.
    let reserve: DiskReserve
    private let inode: UInt64?
    let files: any FileStore
    /// 32 MiB of them.
    private static let mostCheckedPages: Int64 = 8192
    /// What a transaction that fails takes back.
    var tally: InboxTally
    /// What the wall clock shows.
    var wall: WallTime
    /// What is written to see whether the disk takes something; nil while it does.
    var filler: ByteBuffer?
    /// How many messages give way at once where the disk is full.
    var roomStep = InboxStore.step
    /// When old messages were last looked for, by the inbox's own time.
    var lastPruning: Int64?

    /// Opens the database in the file at `path`, or makes it, and brings it to the current version; the clocks show
    /// `reading`.
    init(
        path: String, in files: any FileStore, at reading: ClockReading, onMigration: (Int, Int) -> Void
    ) throws(SQLiteError) {
        self.path = path
        self.files = files
        wall = reading.wall
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        reserve = DiskReserve(in: directory, files)
        database = try Database(path: path, in: files)
        // It is of a process before this one, which may have failed to sync it. Nothing was read yet.
        database.hasDiskFailed = InboxStore.renewLog(at: database.logPath, files) != nil
        do throws(SQLiteError) {
            // A cell is looked at before it is believed, and a file that shrinks under our feet is an error, no signal.
            try database.execute("PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0")
            // One process only; with it, what WAL shares between processes is memory of this one.
            try database.execute("PRAGMA locking_mode = EXCLUSIVE")
            // Before anything is written: what is not an inbox is left as it is.
            let version = try Schema.version(of: database)
            if version == 0 { try InboxStore.makeShrinkable(database) }
            guard try database.text("PRAGMA journal_mode = WAL") == "wal" else {
                throw SQLiteError(code: 10, message: "the file system does not allow a write-ahead log")
            }
            try database.execute(
                """
                PRAGMA synchronous = FULL; PRAGMA cache_size = -512; PRAGMA journal_size_limit = 1048576;
                PRAGMA secure_delete = FAST
                """)
            InboxStore.sortInFiles(database, in: directory)
            if version < Schema.current, database.hasDiskFailed { throw InboxStore.unrenewed() }
            if version < Schema.current, try Schema.isUsed(database) { onMigration(version, Schema.current) }
            try InboxStore.migrate(database, from: version, to: Schema.firstWithTime, reserve)
            name = try database.text("SELECT name FROM inbox") ?? ""
            tally = try InboxTally(database, at: reading)
        } catch {
            database.close(keepsLog: database.hasDiskFailed)
            throw error
        }
        inode = files.status(of: path)?.inode
        do throws(SQLiteError) {
            try migrate(at: reading)
            reserve.make()
            try countRecords()
        } catch {
            database.close(keepsLog: database.hasDiskFailed)
            throw error
        }
    }

    /// Whether the file is still where it was: somebody may have removed it, and what is written then is lost.
    /// Where nobody can say, it is.
    var isInPlace: Bool {
        do throws(OSError) { return try files.look(at: path)?.inode == inode } catch { return true }
    }

    /// Reads all of the database where that takes a moment only, and throws where it is damaged. Damage in a large one is
    /// found when it is met.
    func check() throws(SQLiteError) {
        let pages = try database.number("PRAGMA page_count") ?? 0
        if pages <= InboxStore.mostCheckedPages { try checkWhole() }
    }

    /// Reads all of the database, but for what is free, and throws where it is damaged.
    func checkWhole() throws(SQLiteError) {
        guard let verdict = try database.text("PRAGMA integrity_check(1)"), verdict != "ok" else { return }
        if let unread = SQLiteError.unread { throw unread }
        throw SQLiteError(code: SQLiteError.corrupt, message: verdict)
    }

    /// Closes the database: the last call.
    func close() {
        database.close(keepsLog: (try? renewLog()) == nil)
    }
}
