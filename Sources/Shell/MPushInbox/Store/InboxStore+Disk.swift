import MPushModel

/// Disks that take nothing any more, and how it is found out that they do again.
extension InboxStore {
    /// What is written at least to find that out. A disk with less room than this is full: it would take a few messages, and
    /// refuse the next.
    private static let leastTrial = 256 << 10
    private static let pieceOfTrial = 1 << 20
    /// How many steps of messages give way at a time.
    private static let mostSteps = 16
    private static let write = SQL("INSERT INTO trial(filler) VALUES (randomblob(?1))")
    // With a condition, an empty table is not written to.
    private static let takeOut = SQL("DELETE FROM trial WHERE id IS NOT NULL")

    /// Whether the disk takes `bytes` again: they are written, synced, and taken out again. No transaction may be open.
    func tryDisk(_ bytes: Int) throws(SQLiteError) {
        do throws(SQLiteError) {
            try transact { () throws(SQLiteError) in
                try removeTrial()
                var rest = max(bytes, InboxStore.leastTrial)
                while rest > 0 {
                    let piece = min(rest, InboxStore.pieceOfTrial)
                    // Random, because zeros take no room on a disk that compresses.
                    try database.statement(InboxStore.write).bind(1, Int64(piece)).run()
                    rest -= piece
                }
            }
        } catch {
            // What went into the log before there was no more room is of no use there.
            try? emptyLog()
            throw error
        }
        try transact { () throws(SQLiteError) in try removeTrial() }
        try emptyLog()
    }

    /// Forgets what a trial wrote that did not come to its end.
    func removeTrial() throws(SQLiteError) {
        try database.statement(InboxStore.takeOut).run()
    }

    /// The disk was full, and `bytes` did not go in. Where it still does not take them, what everybody has had, and is kept
    /// for show, gives way. Returns where the disk takes them then; throws where not. No transaction may be open.
    func makeRoomOnDisk(for bytes: Int) throws(SQLiteError) {
        do throws(SQLiteError) {
            return try tryDisk(bytes)
        } catch {
            guard error.kind == .diskFull else { throw error }
        }
        let held = reserve.size
        reserve.release()
        let isRoomInside: Bool
        do throws(SQLiteError) {
            isRoomInside = try removeShown(for: bytes)
        } catch {
            _ = reserve.make(held)
            throw error
        }
        // With room inside the database, only the log needs some of the disk's.
        guard reserve.make(held) || isRoomInside && reserve.make(held / 2 & ~4095) else {
            throw SQLiteError(code: SQLiteError.full, message: "the disk is full")
        }
        try tryDisk(bytes)
        reserve.make()
    }

    /// Removes settled messages until their room holds `bytes`; false where there are not enough of them.
    private func removeShown(for bytes: Int) throws(SQLiteError) -> Bool {
        try emptyLog()
        let needed = Int64(bytes + bytes / 4 + InboxStore.leastTrial)
        let inside = try freeBytes()
        // What would not help stays.
        let settled = inside < needed ? try settledBytes(in: InboxStore.mostSteps) : 0
        guard inside &+ settled >= needed else { return false }
        for _ in 0..<InboxStore.mostSteps {
            if try freeBytes() >= needed { return true }
            let step = try transact { () throws(SQLiteError) in try removeSettled(before: .max) }
            try emptyLog()
            if step.removed == 0, !step.hasMore { return false }
        }
        return try freeBytes() >= needed
    }

    /// Within the file, in pages that hold nothing.
    private func freeBytes() throws(SQLiteError) -> Int64 {
        let pages = try database.number("PRAGMA freelist_count") ?? 0
        return pages.multipliedReportingOverflow(by: try database.number("PRAGMA page_size") ?? 0).partialValue
    }

    /// Brings what the log holds into the database, and gives its room back.
    func emptyLog() throws(SQLiteError) {
        try database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    }

    /// Does `work` in a transaction of its own, whole or not at all.
    func transact<Result>(_ work: () throws(SQLiteError) -> Result) throws(SQLiteError) -> Result {
        let before = tally
        try database.execute("BEGIN IMMEDIATE")
        do throws(SQLiteError) {
            let result = try work()
            try database.execute("COMMIT")
            return result
        } catch {
            if database.isInTransaction { try? database.execute("ROLLBACK") }
            tally = before
            throw error
        }
    }
}
