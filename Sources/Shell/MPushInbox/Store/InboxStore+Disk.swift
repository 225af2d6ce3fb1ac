import MPushModel
import NIOCore

/// Disks that take nothing any more, and how it is found out that they do again.
extension InboxStore {
    /// What is written at least to find that out. A disk with less room than this is full: it would take a few messages, and
    /// refuse the next.
    private static let leastTrial = 256 << 10
    /// How many steps of messages give way at a time.
    private static let mostSteps = 16
    private static let random = "SELECT randomblob(\(leastTrial))"
    private static let write = SQL("INSERT INTO trial(filler) VALUES (substr(?1, 1, ?2))")
    // With a condition, an empty table is not written to.
    private static let takeOut = SQL("DELETE FROM trial WHERE id IS NOT NULL")

    /// Whether the disk takes `bytes` again: they are written, synced, and taken out again. No transaction may be open.
    func tryDisk(_ bytes: Int) throws(SQLiteError) {
        do throws(SQLiteError) {
            try transact { () throws(SQLiteError) in
                try removeTrial()
                try writeTrial(max(bytes, InboxStore.leastTrial))
            }
        } catch {
            // What went into the log before there was no more room is of no use there.
            try? emptyLog()
            throw error
        }
        filler = nil
        try transact { () throws(SQLiteError) in try removeTrial() }
        try emptyLog()
    }

    /// Random, because zeros take no room on a disk that compresses; the same again, because what does not compress within so
    /// much does not do so in what file systems compress at a time. To make it anew costs more than all else.
    private func writeTrial(_ bytes: Int) throws(SQLiteError) {
        let filler = if let filler = self.filler { filler } else { try database.blob(InboxStore.random) }
        self.filler = filler
        for written in stride(from: 0, to: bytes, by: InboxStore.leastTrial) {
            let statement = try database.statement(InboxStore.write)
            statement.bind(2, Int64(min(InboxStore.leastTrial, bytes - written)))
            try statement.withBound(1, filler) { () throws(SQLiteError) in try statement.run() }
        }
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
        // With room inside the database, only the log needs some of the disk's: where others have all the rest, it gets half
        // of what the reserve held.
        for share in isRoomInside ? [held, held / 2 & ~4095] : [held] where reserve.make(share) {
            do throws(SQLiteError) {
                try tryDisk(bytes)
                return reserve.make()
            } catch {
                guard error.kind == .diskFull else { throw error }
            }
        }
        _ = reserve.make(held)
        throw SQLiteError(code: SQLiteError.full, message: "the disk is full")
    }

    /// Removes settled messages until their room holds `bytes`; false where there are not enough of them.
    private func removeShown(for bytes: Int) throws(SQLiteError) -> Bool {
        try emptyLog()
        let needed = Int64(bytes + bytes / 4 + InboxStore.leastTrial)
        var missing = needed - (try freeBytes())
        // What would not help stays.
        let settled = missing > 0 ? try settledBytes(upTo: missing, in: InboxStore.mostSteps).bytes : 0
        guard settled >= missing else { return false }
        for _ in 0..<InboxStore.mostSteps where missing > 0 {
            let step = try removeStep(for: Int(missing))
            try emptyLog()
            if step.removed == 0, !step.hasMore { return false }
            missing = needed - (try freeBytes())
        }
        return missing <= 0
    }

    /// A transaction must fit into the log, and so into what the disk has left. Where it does not, fewer messages are tried,
    /// now and the next time: the same would be undone again and again.
    private func removeStep(for bytes: Int) throws(SQLiteError) -> (removed: Int, hasMore: Bool) {
        while true {
            do throws(SQLiteError) {
                let step = try transact { () throws(SQLiteError) in
                    try removeSettled(before: .max, most: roomStep, bytes: bytes)
                }
                roomStep = min(InboxStore.step, roomStep * 2)
                return step
            } catch {
                guard error.kind == .diskFull, roomStep > 1 else { throw error }
            }
            roomStep = max(1, roomStep / 16)
            try emptyLog()
        }
    }

    /// Within the file, in pages that hold nothing.
    private func freeBytes() throws(SQLiteError) -> Int64 {
        try bytes(ofPages: try database.number("PRAGMA freelist_count") ?? 0)
    }

    /// Does `work` in a transaction of its own, whole or not at all.
    func transact<Result>(_ work: () throws(SQLiteError) -> Result) throws(SQLiteError) -> Result {
        let before = tally
        try begin()
        do throws(SQLiteError) {
            let result = try work()
            try commit()
            return result
        } catch {
            if database.isInTransaction { try? database.execute("ROLLBACK") }
            tally = before
            throw error
        }
    }
}
