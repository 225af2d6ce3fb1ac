import CLinux
import CSQLite
import Glibc
import MPushModel
import MPushPlatform

/// What SQLite says is wrong (sqlite.org/rescode.html).
struct SQLiteError: Error, Equatable, Sendable {
    /// The extended result code.
    let code: Int32
    /// SQLite's words.
    let message: String
    /// The operating system's error, where there was one.
    let systemError: Int32

    init(code: Int32, message: String, systemError: Int32 = 0) {
        self.code = code
        self.message = message
        self.systemError = systemError
    }

    /// There is no room on the disk.
    static let full = SQLITE_FULL
    /// The operating system failed to read, write or sync.
    static let disk = SQLITE_IOERR
    /// The file cannot be opened or made.
    static let cannotOpen = SQLITE_CANTOPEN
    /// That it cannot be opened, for a reason of the operating system's.
    static func unopened(_ message: String, _ error: OSError) -> SQLiteError {
        SQLiteError(code: cannotOpen, message: message, systemError: error.number)
    }

    /// Another has it.
    static let busy = SQLITE_BUSY
    /// The file does not hold what SQLite wrote.
    static let corrupt = SQLITE_CORRUPT

    private var primary: Int32 { code & 0xFF }

    /// Whether the operating system could not read, write or sync: what a sync has not written then is not written by the next.
    var isOfDisk: Bool { primary == SQLITE_IOERR }

    /// Whether the file does not hold what SQLite wrote.
    var isDamage: Bool { SQLiteError.meansDamage(code) }

    static func meansDamage(_ code: Int32) -> Bool {
        let primary = code & 0xFF
        return primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB || code == SQLiteError.shortRead
            || primary == SQLITE_SCHEMA
    }

    /// That a read on this thread has failed since this was asked last; nil for none. SQLite calls a file damaged that it
    /// cannot read (SQLITE_IOERR_CORRUPTFS becomes SQLITE_CORRUPT): it may be sound, and be read again.
    static var unread: SQLiteError? {
        let number = clinux_take_read_failure()
        return number == 0
            ? nil : SQLiteError(code: SQLITE_IOERR, message: "it cannot be read", systemError: number)
    }

    /// SQLITE_IOERR_SHORT_READ, a macro that Swift does not import.
    private static let shortRead: Int32 = 10 | 2 << 8

    var kind: InboxFailure.Kind {
        switch primary {
        case SQLITE_FULL: .diskFull
        case SQLITE_READONLY: .readOnly
        case SQLITE_CORRUPT, SQLITE_NOTADB: .damaged
        case SQLITE_BUSY, SQLITE_LOCKED: .busy
        default: systemError == ENOSPC || systemError == EDQUOT ? .diskFull : systemError == EROFS ? .readOnly : .disk
        }
    }
}
