import CSQLite
import NIOCore

/// A prepared statement: bind, step, read columns. Parameters count from 1, columns from 0, as SQLite has it. For the thread
/// of its database.
///
/// What a binding or a reading of a column meets is kept and thrown by the next `step`, `run`, `rows` or `check`, so that
/// neither is done with half of what was meant. One that is finished, or whose database is closed, fails.
final class Statement {
    /// Nil once it is finished; SQLite takes that for a misuse, or for no row.
    private var pointer: OpaquePointer?
    private let handle: DatabaseHandle
    /// The first result of a binding that was not SQLITE_OK, or SQLITE_NOMEM of a column.
    private var failure = SQLITE_OK

    /// Takes over `pointer`.
    init(_ pointer: OpaquePointer, of handle: DatabaseHandle) {
        self.pointer = pointer
        self.handle = handle
    }

    deinit {
        finish()
    }

    /// Ready to be bound and stepped again.
    func reset() {
        // It gives the result of the last step once more, which is known.
        sqlite3_reset(pointer)
        sqlite3_clear_bindings(pointer)
        failure = SQLITE_OK
    }

    /// Gives it back: the last call.
    func finish() {
        sqlite3_finalize(pointer)
        pointer = nil
    }

    // MARK: - Parameters

    @discardableResult
    func bind(_ index: Int32, _ value: Int64?) -> Statement {
        note(value.map { sqlite3_bind_int64(pointer, index, $0) } ?? sqlite3_bind_null(pointer, index))
        return self
    }

    /// SQLite has its own copy when this returns.
    @discardableResult
    func bind(_ index: Int32, _ text: String?) -> Statement {
        guard var text else {
            note(sqlite3_bind_null(pointer, index))
            return self
        }
        text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                // An empty text may have no address, which would bind NULL.
                guard let base = $0.baseAddress else { return note(sqlite3_bind_text(pointer, index, "", 0, nil)) }
                note(
                    sqlite3_bind_text64(
                        pointer, index, base, UInt64($0.count), csqlite_transient(), UInt8(SQLITE_UTF8)))
            }
        }
        return self
    }

    /// SQLite has its own copy when this returns.
    @discardableResult
    func bind(_ index: Int32, _ bytes: [UInt8]?) -> Statement {
        guard let bytes else {
            note(sqlite3_bind_null(pointer, index))
            return self
        }
        bytes.withUnsafeBytes { note(bind(index, $0, csqlite_transient())) }
        return self
    }

    /// Binds `content` without a copy for as long as `body` runs, which steps; then it is reset.
    func withBound<Result>(
        _ index: Int32, _ content: ByteBuffer, _ body: () throws(SQLiteError) -> Result
    ) throws(SQLiteError) -> Result {
        let outcome: Swift.Result<Result, SQLiteError> = content.withUnsafeReadableBytes { bytes in
            note(bind(index, bytes, csqlite_static()))
            // The bytes are this closure's: no binding may outlive it, and a statement under way would keep it.
            defer {
                sqlite3_reset(pointer)
                sqlite3_bind_null(pointer, index)
            }
            do throws(SQLiteError) {
                return .success(try body())
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    private func bind(
        _ index: Int32, _ bytes: UnsafeRawBufferPointer, _ lifetime: sqlite3_destructor_type?
    ) -> Int32 {
        // Without an address it would be NULL.
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return sqlite3_bind_zeroblob(pointer, index, 0) }
        return sqlite3_bind_blob64(pointer, index, base, UInt64(bytes.count), lifetime)
    }

    private func note(_ result: Int32) {
        if failure == SQLITE_OK { failure = result }
    }

    // MARK: - Rows

    /// True where there is a row, false at the end.
    func step() throws(SQLiteError) -> Bool {
        try check()
        switch sqlite3_step(pointer) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code:
            let error = handle.error(code)
            sqlite3_reset(pointer)
            throw error
        }
    }

    /// Throws what a binding or a column has met.
    func check() throws(SQLiteError) {
        guard failure != SQLITE_OK else { return }
        let error = SQLiteError(code: failure, message: String(cString: sqlite3_errstr(failure)))
        failure = SQLITE_OK
        sqlite3_reset(pointer)
        throw error
    }

    /// Runs it to its end and makes it ready for the next time.
    func run() throws(SQLiteError) {
        while try step() {}
        sqlite3_reset(pointer)
    }

    /// Hands `body` one row after the other, and keeps none; then it is ready for the next time.
    func forEachRow(_ body: (Statement) -> Void) throws(SQLiteError) {
        while try step() { body(self) }
        sqlite3_reset(pointer)
    }

    /// Every row of it as `row` reads it; then it is ready for the next time.
    func rows<Row>(_ row: (Statement) -> Row?) throws(SQLiteError) -> [Row] {
        var rows: [Row] = []
        while try step() {
            if let row = row(self) { rows.append(row) }
        }
        sqlite3_reset(pointer)
        return rows
    }

    /// Its rows up to the first that `row` gives nil for; what comes behind that is not read. Then it is ready for the next time.
    func firstRows<Row>(_ row: (Statement) -> Row?) throws(SQLiteError) -> [Row] {
        var rows: [Row] = []
        while try step(), let row = row(self) { rows.append(row) }
        sqlite3_reset(pointer)
        return rows
    }

    /// Any number there may be: what is no number is 0, a fraction is cut, what is too large is held.
    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(pointer, column) }

    /// The number, held to `bounds`.
    func integer(_ column: Int32, in bounds: ClosedRange<Int64>) -> Int64 {
        min(max(bounds.lowerBound, integer(column)), bounds.upperBound)
    }

    /// Whether there is nothing.
    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(pointer, column) == SQLITE_NULL }

    /// Empty where there is nothing; what is no UTF-8 is mended.
    func text(_ column: Int32) -> String {
        let isNull = isNull(column)
        // In this order: the first call may convert, and the second counts what came of that.
        guard let bytes = sqlite3_column_text(pointer, column) else {
            if !isNull { note(SQLITE_NOMEM) }
            return ""
        }
        let count = Int(sqlite3_column_bytes(pointer, column))
        return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }

    /// A copy; empty where there is nothing.
    func bytes(_ column: Int32) -> [UInt8] { withBlob(column) { Array($0) } }

    /// A copy; empty where there is nothing.
    func buffer(_ column: Int32) -> ByteBuffer { withBlob(column) { ByteBuffer(bytes: $0) } }

    /// The bytes are SQLite's, until the next call for this row or another.
    private func withBlob<Result>(_ column: Int32, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        let isNull = isNull(column)
        let base = sqlite3_column_blob(pointer, column)
        let count = Int(sqlite3_column_bytes(pointer, column))
        // An empty one has no address either.
        if base == nil, !isNull, count > 0 { note(SQLITE_NOMEM) }
        return body(UnsafeRawBufferPointer(start: base, count: base == nil ? 0 : count))
    }
}
