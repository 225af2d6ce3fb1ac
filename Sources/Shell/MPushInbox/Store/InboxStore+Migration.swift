import MPushModel

/// From the tables of an earlier version to this one's. It takes no more memory than all else, whatever there is in them: a
/// service with a bound of its memory would be killed at each start. Where it fails the inbox is what it was.
extension InboxStore {
    /// What is sorted, as for an index of all messages, is sorted in a file where it is much: beside the database, which is
    /// a place that can be written to and no memory, as `/tmp` may be. A few rows make no file.
    static func sortInFiles(_ database: Database, in directory: String) {
        let quoted = directory.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
        // Where SQLite does not take the directory it finds one itself.
        try? database.execute("PRAGMA temp_store = FILE; PRAGMA temp_store_directory = '\(quoted)'")
    }

    /// Takes the first steps, which are short ones. What they take of a full disk may be what the reserve holds.
    static func migrate(
        _ database: Database, from version: Int, to target: Int, _ reserve: DiskReserve
    ) throws(SQLiteError) {
        do throws(SQLiteError) {
            try Schema.migrate(database, from: version, to: target)
        } catch {
            guard error.kind == .diskFull, reserve.size > 0 else { throw explained(error, target) }
            reserve.release()
            // A step that was done is done.
            let version = try Schema.version(of: database)
            do throws(SQLiteError) {
                try Schema.migrate(database, from: version, to: target)
            } catch {
                throw explained(error, target)
            }
        }
    }

    /// Takes the other steps. On a full disk the reserve gives way first, and then what everybody has had and is kept for
    /// show: the fewer messages there are, the less of the disk an index of them takes.
    func migrate(at reading: ClockReading) throws(SQLiteError) {
        let held = reserve.size
        do throws(SQLiteError) {
            if try migratesWithRoomThereIs() { return }
            if held > 0 {
                reserve.release()
                if try migratesWithRoomThereIs() { return }
            }
            if try removeAllSettled() {
                // Records are not counted yet, but were taken from the count along with their messages.
                tally = try InboxTally(database, at: reading)
            }
            try takeSteps()
        } catch {
            _ = reserve.make(held)
            throw InboxStore.explained(error, Schema.current)
        }
    }

    /// False where the disk is full.
    private func migratesWithRoomThereIs() throws(SQLiteError) -> Bool {
        do throws(SQLiteError) {
            try takeSteps()
            return true
        } catch {
            guard error.kind == .diskFull else { throw error }
            return false
        }
    }

    private func takeSteps() throws(SQLiteError) {
        let version = Int(try database.number("PRAGMA user_version") ?? 0)
        try Schema.migrate(database, from: version, to: Schema.current)
    }

    /// False where there was nothing to remove.
    private func removeAllSettled() throws(SQLiteError) -> Bool {
        var removed = 0
        while true {
            let step = try removeSettledStep()
            removed += step.removed
            if step.removed == 0, !step.hasMore { break }
        }
        try emptyLog()
        return removed > 0
    }

    private func removeSettledStep() throws(SQLiteError) -> (removed: Int, hasMore: Bool) {
        do throws(SQLiteError) {
            return try transact { () throws(SQLiteError) in try removeSettled(before: .max) }
        } catch {
            guard error.kind == .diskFull else { throw error }
        }
        // The log had no room to grow; empty, it needs none.
        try emptyLog()
        return try transact { () throws(SQLiteError) in try removeSettled(before: .max) }
    }

    private static func explained(_ error: SQLiteError, _ target: Int) -> SQLiteError {
        guard !error.isDamage else { return error }
        return SQLiteError(
            code: error.code, message: "it cannot be brought to version \(target): \(error.message)",
            systemError: error.systemError)
    }
}
