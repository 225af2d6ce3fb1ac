import CSQLite

/// Owns a connection to SQLite, from its opening until the last that uses it is gone or `close` is called: whatever holds a
/// statement holds this, so that no pointer is used after its end. For one thread at a time.
final class DatabaseHandle {
    /// Nil once it is closed.
    private(set) var pointer: OpaquePointer?

    /// Takes over `pointer`.
    init(_ pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit {
        close()
    }

    /// Closes it. SQLite itself waits for statements that are not finished (sqlite3_close_v2).
    func close() {
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
        guard let pointer else { return SQLiteError(code: SQLITE_MISUSE, message: "the database is closed") }
        // Both belong to the connection, until the next call.
        guard let words = sqlite3_errmsg(pointer) else { return SQLiteError(code: code, message: "no memory") }
        return SQLiteError(
            code: code, message: String(cString: words), systemError: sqlite3_system_errno(pointer))
    }
}
