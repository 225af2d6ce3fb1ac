import CSQLite
import Glibc

/// One connection to one SQLite database, for one thread at a time. Thin on purpose: GRDB would bring Foundation, and 12
/// MiB of memory with it.
final class Database {
    private let handle: OpaquePointer
    private var statements: [StaticStringKey: Statement] = [:]

    /// Names a statement by the place of its text in the program.
    private struct StaticStringKey: Hashable {
        let address: UnsafePointer<UInt8>
    }

    /// Opens the database at `path`, readable by its owner alone; makes it where there is none.
    init(path: String) throws(SQLiteError) {
        var handle: OpaquePointer?
        Database.makeFile(path)
        let result = sqlite3_open_v2(
            path, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
            nil)
        guard let handle else { throw SQLiteError(code: result, message: "no memory for a database") }
        guard result == SQLITE_OK else {
            let error = Database.error(of: handle, code: result)
            sqlite3_close_v2(handle)
            throw error
        }
        self.handle = handle
        csqlite_use_small_lookaside(handle)
    }

    /// Makes an empty file for its owner alone, whose mode SQLite gives to the log beside it as well. The umask would do it
    /// too, but belongs to all threads. A file that is there is not opened: closing it would lift the locks on it. What
    /// goes wrong is SQLite's to say.
    private static func makeFile(_ path: String) {
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor >= 0 { Glibc.close(descriptor) }
    }

    /// Finishes all statements and closes: the last call.
    func close() {
        for statement in statements.values { statement.finish() }
        statements = [:]
        sqlite3_close_v2(handle)
    }

    /// Runs statements that give no rows.
    func execute(_ sql: String) throws(SQLiteError) {
        let result = sqlite3_exec(handle, sql, nil, nil, nil)
        guard result == SQLITE_OK else { throw Database.error(of: handle, code: result) }
    }

    /// The statement, prepared once and kept; nothing is bound to it.
    func statement(_ sql: StaticString) throws(SQLiteError) -> Statement {
        let key = StaticStringKey(address: sql.utf8Start)
        if let found = statements[key] {
            found.reset()
            return found
        }
        let statement = try prepare("\(sql)")
        statements[key] = statement
        return statement
    }

    /// A statement that is used once; `finish` it.
    func prepare(_ sql: String) throws(SQLiteError) -> Statement {
        var pointer: OpaquePointer?
        let result = sqlite3_prepare_v2(handle, sql, -1, &pointer, nil)
        guard result == SQLITE_OK, let pointer else { throw Database.error(of: handle, code: result) }
        return Statement(pointer, database: handle)
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
        return try statement.step() ? statement.text(0) : nil
    }

    /// The row id of the last INSERT.
    var lastInsertRowID: Int64 { sqlite3_last_insert_rowid(handle) }

    /// How many rows the last statement changed.
    var changes: Int { Int(sqlite3_changes(handle)) }

    /// Whether a transaction is open.
    var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    static func error(of handle: OpaquePointer, code: Int32) -> SQLiteError {
        SQLiteError(
            code: code, message: String(cString: sqlite3_errmsg(handle)), systemError: sqlite3_system_errno(handle))
    }
}
