import CSQLite
import NIOCore

/// A prepared statement: bind, step, read columns. Parameters count from 1, columns from 0, as SQLite has it.
final class Statement {
    private var pointer: OpaquePointer?
    private let database: OpaquePointer

    init(_ pointer: OpaquePointer, database: OpaquePointer) {
        self.pointer = pointer
        self.database = database
    }

    /// Ready to be bound and stepped again.
    func reset() {
        sqlite3_reset(pointer)
        sqlite3_clear_bindings(pointer)
    }

    /// Gives it back: the last call.
    func finish() {
        sqlite3_finalize(pointer)
        pointer = nil
    }

    // MARK: - Parameters

    @discardableResult
    func bind(_ index: Int32, _ value: Int64?) -> Statement {
        if let value { sqlite3_bind_int64(pointer, index, value) } else { sqlite3_bind_null(pointer, index) }
        return self
    }

    @discardableResult
    func bind(_ index: Int32, _ text: String?) -> Statement {
        guard var text else {
            sqlite3_bind_null(pointer, index)
            return self
        }
        text.withUTF8 { bytes in
            _ = bytes.withMemoryRebound(to: CChar.self) {
                sqlite3_bind_text(pointer, index, $0.baseAddress, Int32(clamping: $0.count), csqlite_transient())
            }
        }
        return self
    }

    @discardableResult
    func bind(_ index: Int32, _ bytes: [UInt8]?) -> Statement {
        guard let bytes else {
            sqlite3_bind_null(pointer, index)
            return self
        }
        bytes.withUnsafeBytes { bind(index, copying: $0) }
        return self
    }

    /// Binds `content` without a copy for as long as `body` runs, which steps.
    func withBound<Result>(
        _ index: Int32, _ content: ByteBuffer, _ body: () throws(SQLiteError) -> Result
    ) throws(SQLiteError) -> Result {
        let outcome: Swift.Result<Result, SQLiteError> = content.withUnsafeReadableBytes { bytes in
            if let base = bytes.baseAddress {
                sqlite3_bind_blob64(pointer, index, base, UInt64(bytes.count), csqlite_static())
            } else {
                sqlite3_bind_zeroblob(pointer, index, 0)
            }
            defer { sqlite3_bind_null(pointer, index) }
            do throws(SQLiteError) {
                defer { sqlite3_reset(pointer) }
                return .success(try body())
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    private func bind(_ index: Int32, copying bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, !bytes.isEmpty else {
            sqlite3_bind_zeroblob(pointer, index, 0)
            return
        }
        sqlite3_bind_blob64(pointer, index, base, UInt64(bytes.count), csqlite_transient())
    }

    // MARK: - Rows

    /// True where there is a row, false at the end.
    func step() throws(SQLiteError) -> Bool {
        switch sqlite3_step(pointer) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code:
            let error = Database.error(of: database, code: code)
            sqlite3_reset(pointer)
            throw error
        }
    }

    /// Runs it to its end and makes it ready for the next time.
    func run() throws(SQLiteError) {
        while try step() {}
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

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(pointer, column) }

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(pointer, column) == SQLITE_NULL }

    func text(_ column: Int32) -> String {
        guard let bytes = sqlite3_column_text(pointer, column) else { return "" }
        let count = Int(sqlite3_column_bytes(pointer, column))
        return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }

    func bytes(_ column: Int32) -> [UInt8] { blob(column).map { Array($0) } ?? [] }

    func buffer(_ column: Int32) -> ByteBuffer { blob(column).map { ByteBuffer(bytes: $0) } ?? ByteBuffer() }

    private func blob(_ column: Int32) -> UnsafeRawBufferPointer? {
        guard let base = sqlite3_column_blob(pointer, column) else { return nil }
        return UnsafeRawBufferPointer(start: base, count: Int(sqlite3_column_bytes(pointer, column)))
    }
}
