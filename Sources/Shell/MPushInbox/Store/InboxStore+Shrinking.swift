import MPushModel

/// Gives what the file no longer needs back to the disk. SQLite keeps pages that hold nothing for what comes next, so that a
/// file that was once large would be so for ever.
extension InboxStore {
    /// What may stay free in any case, in bytes.
    private static let mostSpare: Int64 = 4 << 20
    /// Pages that are given back at a time: what comes meanwhile waits for that.
    private static let shrinkStep = 256
    /// A database in which less is in use is made anew where it cannot shrink otherwise, in bytes: that takes a moment only.
    private static let mostRewritten: Int64 = 8 << 20
    /// What `PRAGMA auto_vacuum` says of a database that shrinks when told to (sqlite.org/pragma.html#pragma_auto_vacuum).
    private static let incremental: Int64 = 2

    /// Has a database that is new be one that can shrink. To be called before anything is written.
    static func makeShrinkable(_ database: Database) throws(SQLiteError) {
        try database.execute("PRAGMA auto_vacuum = INCREMENTAL")
    }

    /// Makes a database of before 0.4.0, which cannot shrink, one that can, where little of it is in use: else it stays what
    /// it was. A disk that is full leaves it so as well. What is damaged is not mended in passing: it throws.
    /// No transaction may be open.
    func becomeShrinkable() throws(SQLiteError) {
        guard try database.number("PRAGMA auto_vacuum") != InboxStore.incremental else { return }
        let pages = try database.number("PRAGMA page_count") ?? 0
        let free = try database.number("PRAGMA freelist_count") ?? 0
        guard try bytes(ofPages: pages - free) <= InboxStore.mostRewritten else { return }
        try checkWhole()
        do throws(SQLiteError) {
            try InboxStore.makeShrinkable(database)
            try database.vacuum()
            try emptyLog()
        } catch {
            guard !error.isDamage else { throw error }
        }
    }

    /// Gives a part back, where more than half of the file holds nothing; false where there is nothing to be given back, or the
    /// database cannot shrink. No transaction may be open.
    func shrink() throws(SQLiteError) -> Bool {
        guard !database.hasDiskFailed else { return false }
        let free = try database.number("PRAGMA freelist_count") ?? 0
        guard try bytes(ofPages: free) > InboxStore.mostSpare,
            free > (try database.number("PRAGMA page_count") ?? 0) / 2,
            try database.number("PRAGMA auto_vacuum") == InboxStore.incremental
        else { return false }
        try database.execute("PRAGMA incremental_vacuum(\(InboxStore.shrinkStep))")
        emptyLongLog()
        return true
    }

    func bytes(ofPages count: Int64) throws(SQLiteError) -> Int64 {
        let (bytes, overflow) = count.multipliedReportingOverflow(by: try database.number("PRAGMA page_size") ?? 0)
        return overflow ? .max : bytes
    }
}
