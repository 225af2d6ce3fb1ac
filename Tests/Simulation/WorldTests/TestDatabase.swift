import CSQLite
import MPushWorld
import Testing

/// A database on a simulated disk, set as the inbox sets its own.
final class TestDatabase {
    struct Failure: Error, CustomStringConvertible {
        let code: CInt
        let description: String
    }

    enum Synchronous: String, Sendable {
        case off = "OFF"
        case normal = "NORMAL"
        case full = "FULL"
    }

    static let path = "/state/inbox.db"

    private var pointer: OpaquePointer?
    private var insertion: OpaquePointer?

    init(
        on process: DiskProcess, synchronous: Synchronous = .full, lockingMode: String = "EXCLUSIVE",
        journal: String = "WAL"
    ) throws {
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        let result = sqlite3_open_v2(TestDatabase.path, &pointer, flags, process.databaseFileSystem)
        try check(result)
        try run(
            """
            PRAGMA locking_mode = \(lockingMode); PRAGMA journal_mode = \(journal);
            PRAGMA synchronous = \(synchronous.rawValue); PRAGMA cache_size = -512; PRAGMA wal_autocheckpoint = 50;
            PRAGMA journal_size_limit = 1048576;
            CREATE TABLE IF NOT EXISTS message (position INTEGER PRIMARY KEY, content BLOB)
            """)
    }

    deinit {
        close()
    }

    func close() {
        sqlite3_finalize(insertion)
        sqlite3_close_v2(pointer)
        (insertion, pointer) = (nil, nil)
    }

    func run(_ sql: String) throws {
        try check(sqlite3_exec(pointer, sql, nil, nil, nil))
    }

    /// Stores one message in a transaction of its own.
    func insert(_ position: Int, size: Int = 100) throws {
        if insertion == nil {
            let sql = "INSERT INTO message VALUES (?1, zeroblob(?2))"
            try check(sqlite3_prepare_v2(pointer, sql, -1, &insertion, nil))
        }
        sqlite3_bind_int64(insertion, 1, sqlite3_int64(position))
        sqlite3_bind_int64(insertion, 2, sqlite3_int64(size))
        let result = sqlite3_step(insertion)
        sqlite3_reset(insertion)
        try check(result == SQLITE_DONE ? SQLITE_OK : result)
    }

    func positions() throws -> [Int] {
        try column("SELECT position FROM message ORDER BY position").compactMap { Int($0) }
    }

    /// What SQLite says of its own structure.
    func integrity() throws -> String { try column("PRAGMA integrity_check").joined(separator: "\n") }

    func column(_ sql: String) throws -> [String] {
        var statement: OpaquePointer?
        try check(sqlite3_prepare_v2(pointer, sql, -1, &statement, nil))
        defer { sqlite3_finalize(statement) }
        var values: [String] = []
        while true {
            let result = sqlite3_step(statement)
            if result == SQLITE_DONE { return values }
            guard result == SQLITE_ROW else {
                try check(result)
                return values
            }
            values.append(sqlite3_column_text(statement, 0).map { String(cString: $0) } ?? "")
        }
    }

    private func check(_ result: CInt) throws {
        guard result != SQLITE_OK else { return }
        throw Failure(code: result, description: sqlite3_errmsg(pointer).map { String(cString: $0) } ?? "\(result)")
    }
}
