import CLinux
import CSQLite
import MPushPlatform
import NIOCore

/// One connection to one SQLite database, for one thread at a time. Thin on purpose: GRDB would bring Foundation, and 12
/// MiB of memory with it.
///
/// The file may hold anything: nothing in its schema runs, no value is longer than `longestValue`, and each cell may be of
/// any type, whatever the table says. Who reads one converts it as SQLite does, and bounds it.
final class Database {
    /// Of one value and of one row, in bytes: what a configuration allows for a message (`limits.max_inflated`), and the
    /// rest of its row.
    static let longestValue = 256 << 20 + 4 << 20

    let handle: DatabaseHandle
    private var statements: [ObjectIdentifier: Statement] = [:]

    /// Opens the database at `path`, readable by its owner alone; makes it where there is none.
    convenience init(path: String, in files: any FileStore) throws(SQLiteError) {
        for suffix in ["", "-wal", "-shm", "-journal"] { try Database.checkFile(path + suffix, in: files) }
        // For its owner alone; SQLite gives the mode to the log beside it as well. The umask would do it too, but belongs to all
        // threads. A file that is there is not opened: closing it would lift the locks on it. What goes wrong is SQLite's to say.
        try? files.makeEmptyFile(path)
        try self.init(named: path, fileSystem: files.databaseFileSystem)
    }

    /// An empty one in memory.
    convenience init() throws(SQLiteError) {
        try self.init(named: ":memory:", fileSystem: nil)
    }

    private init(named name: String, fileSystem: String?) throws(SQLiteError) {
        Database.watchReads
        _ = clinux_take_read_failure()
        var pointer: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        let result = sqlite3_open_v2(name, &pointer, flags, fileSystem)
        // It gives a connection, to be closed, also where it fails; none where there is no memory for one.
        guard let pointer else { throw SQLiteError(code: result, message: "no memory for a database") }
        handle = DatabaseHandle(pointer)
        guard result == SQLITE_OK else { throw handle.error(result) }
        // Where that fails it has more memory than it needs.
        _ = csqlite_use_small_lookaside(pointer)
        let distrusted = csqlite_distrust(pointer)
        guard distrusted == SQLITE_OK else { throw handle.error(distrusted) }
        sqlite3_limit(pointer, SQLITE_LIMIT_LENGTH, Int32(clamping: Database.longestValue))
        sqlite3_limit(pointer, SQLITE_LIMIT_ATTACHED, 0)
        sqlite3_limit(pointer, SQLITE_LIMIT_TRIGGER_DEPTH, 1)
    }

    /// Once for all, so that it is known when a read fails (`SQLiteError.unread`).
    private static let watchReads: Void = csqlite_use_reads(
        clinux_noting_read(), clinux_noting_pread(), clinux_noting_pread64())

    /// What is there must be a plain file, or a link to one: to open a pipe can take for ever.
    private static func checkFile(_ path: String, in files: any FileStore) throws(SQLiteError) {
        guard files.status(of: path)?.isFile ?? true else {
            throw SQLiteError(code: SQLITE_CANTOPEN, message: "\(path) is not a file")
        }
    }

    /// Where the log lies, or would: beside the file itself, where `path` is a link to it. Empty for a database in memory.
    var logPath: String {
        guard let pointer = handle.pointer, let name = sqlite3_db_filename(pointer, "main"), name.pointee != 0,
            let log = sqlite3_filename_wal(name)
        else { return "" }
        return String(cString: log)
    }

    /// How many pages are in the log, as of the last transaction that was committed. Nobody empties it unasked.
    var logPages: Int { handle.logPages }

    /// Whether the disk has failed to read, write or sync anything since this was set to false.
    var hasDiskFailed: Bool {
        get { handle.hasDiskFailed }
        set { handle.hasDiskFailed = newValue }
    }

    /// Finishes all statements and closes: the last call. What is asked after it fails.
    /// - Parameter keepsLog: whether what is in the log stays there.
    func close(keepsLog: Bool = false) {
        if keepsLog, let pointer = handle.pointer { _ = csqlite_keep_log(pointer) }
        for statement in statements.values { statement.finish() }
        statements = [:]
        handle.close()
    }

    /// Runs statements; rows that they give are passed over.
    func execute(_ sql: String) throws(SQLiteError) {
        let result = sqlite3_exec(try handle.open(), sql, nil, nil, nil)
        guard result == SQLITE_OK else { throw handle.error(result) }
    }

    /// Makes the whole file anew (sqlite.org/lang_vacuum.html), for which SQLite attaches a database of its own.
    func vacuum() throws(SQLiteError) {
        let pointer = try handle.open()
        sqlite3_limit(pointer, SQLITE_LIMIT_ATTACHED, 1)
        defer { sqlite3_limit(pointer, SQLITE_LIMIT_ATTACHED, 0) }
        try execute("VACUUM")
    }

    /// The statement, prepared once and kept; nothing is bound to it.
    func statement(_ sql: SQL) throws(SQLiteError) -> Statement {
        let key = ObjectIdentifier(sql)
        if let found = statements[key] {
            found.reset()
            return found
        }
        let statement = try prepare(sql.text)
        statements[key] = statement
        return statement
    }

    /// A statement that is used once.
    func prepare(_ sql: String) throws(SQLiteError) -> Statement {
        var pointer: OpaquePointer?
        let result = sqlite3_prepare_v2(try handle.open(), sql, -1, &pointer, nil)
        guard result == SQLITE_OK else { throw handle.error(result) }
        guard let pointer else { throw SQLiteError(code: SQLITE_MISUSE, message: "an empty statement") }
        return Statement(pointer, of: handle)
    }

    /// The one number that `sql` gives; nil for no row.
    func number(_ sql: String) throws(SQLiteError) -> Int64? {
        let statement = try prepare(sql)
        defer { statement.finish() }
        return try statement.step() ? statement.integer(0) : nil
    }

    /// The first column of the first row that `sql` gives, as text.
    func text(_ sql: String) throws(SQLiteError) -> String? {
        let statement = try prepare(sql)
        defer { statement.finish() }
        guard try statement.step() else { return nil }
        let text = statement.text(0)
        try statement.check()
        return text
    }

    /// The first column of the first row that `sql` gives, as bytes.
    func blob(_ sql: String) throws(SQLiteError) -> ByteBuffer {
        let statement = try prepare(sql)
        defer { statement.finish() }
        guard try statement.step() else { return ByteBuffer() }
        let bytes = statement.buffer(0)
        try statement.check()
        return bytes
    }

    /// The row id of the last INSERT.
    var lastInsertRowID: Int64 { handle.pointer.map { sqlite3_last_insert_rowid($0) } ?? 0 }

    /// Whether a transaction is open.
    var isInTransaction: Bool { handle.pointer.map { sqlite3_get_autocommit($0) == 0 } ?? false }
}

/// The text of a statement that is used again and again: a `static let`, by which a database knows what it has prepared.
final class SQL: Sendable {
    let text: String

    init(_ text: String) {
        self.text = text
    }
}

/// Owns a connection to SQLite, from its opening until the last that uses it is gone or `close` is called: whatever holds a
/// statement holds this, so that no pointer is used after its end. For one thread at a time.
final class DatabaseHandle {
    /// Nil once it is closed.
    private(set) var pointer: OpaquePointer?
    var hasDiskFailed = false
    /// SQLite writes there after each transaction.
    private let pages = UnsafeMutablePointer<CInt>.allocate(capacity: 1)

    /// Takes over `pointer`.
    init(_ pointer: OpaquePointer) {
        self.pointer = pointer
        pages.initialize(to: 0)
        csqlite_watch_log(pointer, pages)
    }

    deinit {
        close()
        pages.deallocate()
    }

    var logPages: Int { Int(pages.pointee) }

    /// Closes it. SQLite itself waits for statements that are not finished (sqlite3_close_v2).
    func close() {
        if let pointer { csqlite_watch_log(pointer, nil) }
        sqlite3_close_v2(pointer)
        pointer = nil
    }

    /// The connection, for one call.
    func open() throws(SQLiteError) -> OpaquePointer {
        guard let pointer else { throw SQLiteError(code: SQLITE_MISUSE, message: "the database is closed") }
        return pointer
    }

    /// What SQLite says of the call that ended with `code`.
    func error(_ code: Int32) -> SQLiteError {
        let error = said(code)
        if error.isOfDisk { hasDiskFailed = true }
        return error
    }

    private func said(_ code: Int32) -> SQLiteError {
        guard let pointer else { return SQLiteError(code: SQLITE_MISUSE, message: "the database is closed") }
        if SQLiteError.meansDamage(code), let unread = SQLiteError.unread { return unread }
        // Both belong to the connection, until the next call.
        guard let words = sqlite3_errmsg(pointer) else { return SQLiteError(code: code, message: "no memory") }
        return SQLiteError(
            code: code, message: String(cString: words), systemError: sqlite3_system_errno(pointer))
    }
}
