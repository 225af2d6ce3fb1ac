import MPushModel

extension ConsumerName {
    fileprivate var kind: Int64 { if case .route = self { 0 } else { 1 } }
}

/// How far each consumer has come.
extension InboxStore {
    /// The state of the consumer, which is active from now on; a new one is made where it is not known.
    func open(_ name: ConsumerName, fromOldest: Bool) throws(SQLiteError) -> ConsumerProgress {
        if var row = tally.consumers[name] {
            if !row.isActive { try setActive(row.number, true) }
            row.isActive = true
            tally.consumers[name] = row
            return try state(of: row)
        }
        let cursor = fromOldest ? 0 : tally.last.rawValue
        let statement = try database.statement(
            "INSERT INTO consumer(kind, name, cursor, active) VALUES (?1, ?2, ?3, 1)")
        try statement.bind(1, name.kind).bind(2, name.text).bind(3, cursor).run()
        tally.consumers[name] = ConsumerRow(number: database.lastInsertRowID, cursor: cursor, isActive: true)
        return ConsumerProgress(cursor: MessagePosition(rawValue: cursor))
    }

    /// Every consumer there is.
    func allConsumers() throws(SQLiteError) -> [ConsumerName: ConsumerProgress] {
        var states: [ConsumerName: ConsumerProgress] = [:]
        for (name, row) in tally.consumers { states[name] = try state(of: row) }
        return states
    }

    /// Nothing is kept for it any more where there is no room.
    func retire(_ name: ConsumerName) throws(SQLiteError) {
        guard let row = tally.consumers[name] else { return }
        try setActive(row.number, false)
        tally.consumers[name]?.isActive = false
    }

    /// Forgets it; false where it is not known.
    func remove(_ name: ConsumerName) throws(SQLiteError) -> Bool {
        guard let row = tally.consumers.removeValue(forKey: name) else { return false }
        try database.statement("DELETE FROM delivery WHERE consumer = ?1").bind(1, row.number).run()
        try database.statement("DELETE FROM consumer WHERE number = ?1").bind(1, row.number).run()
        return true
    }

    /// Records what the consumer has done; false where it is not known.
    func record(_ changes: [ConsumerChange], of name: ConsumerName) throws(SQLiteError) -> Bool {
        guard let row = tally.consumers[name] else { return false }
        for change in changes { try record(change, of: name, row.number) }
        return true
    }

    private func record(
        _ change: ConsumerChange, of name: ConsumerName, _ number: Int64
    ) throws(SQLiteError) {
        switch change {
        case .advanced(let position): try advance(name, number, to: position.rawValue)
        case .settled(let position): try settle(name, number, position.rawValue)
        case .consumed(let position):
            // Also where nobody waits for it yet: the same message may come again from a sender who does.
            try database.statement("UPDATE message SET awaits = 2 WHERE position = ?1")
                .bind(1, position.rawValue).run()
        case .attempted(let position, let attempts, let wait):
            // What was sent again from the dead letters stays known as that.
            try database.statement(
                """
                INSERT INTO delivery VALUES (?1, ?2, 2, ?3, ?4, NULL)
                ON CONFLICT DO UPDATE SET attempts = ?3, at = ?4, state = iif(state = 4, 4, 2)
                """
            ).bind(1, number).bind(2, position.rawValue).bind(3, Int64(attempts))
                .bind(4, tally.time.after(wait)).run()
        case .buried(let position, let attempts, let reason):
            try database.statement(
                """
                INSERT INTO delivery VALUES (?1, ?2, 3, ?3, ?4, ?5)
                ON CONFLICT DO UPDATE SET state = 3, attempts = ?3, at = ?4, reason = ?5
                """
            ).bind(1, number).bind(2, position.rawValue).bind(3, Int64(attempts))
                .bind(4, wall.millisecondsSince1970).bind(5, reason).run()
        }
    }

    private func advance(_ name: ConsumerName, _ number: Int64, to position: Int64) throws(SQLiteError) {
        guard let cursor = tally.consumers[name]?.cursor, position > cursor else { return }
        try database.statement("UPDATE consumer SET cursor = ?2 WHERE number = ?1").bind(1, number).bind(2, position)
            .run()
        try database.statement("DELETE FROM delivery WHERE consumer = ?1 AND position <= ?2 AND state <= 2")
            .bind(1, number).bind(2, position).run()
        tally.consumers[name]?.cursor = position
    }

    private func settle(_ name: ConsumerName, _ number: Int64, _ position: Int64) throws(SQLiteError) {
        guard let cursor = tally.consumers[name]?.cursor, position > cursor else {
            try database.statement("DELETE FROM delivery WHERE consumer = ?1 AND position = ?2").bind(1, number)
                .bind(2, position).run()
            return
        }
        try database.statement("INSERT OR REPLACE INTO delivery VALUES (?1, ?2, 1, 0, 0, NULL)").bind(1, number)
            .bind(2, position).run()
    }

    private func setActive(_ number: Int64, _ isActive: Bool) throws(SQLiteError) {
        try database.statement("UPDATE consumer SET active = ?2 WHERE number = ?1").bind(1, number)
            .bind(2, isActive ? 1 : 0).run()
    }

    private func state(of row: ConsumerRow) throws(SQLiteError) -> ConsumerProgress {
        let cursor = row.cursor
        let statement = try database.statement(
            "SELECT position, state, attempts, at FROM delivery WHERE consumer = ?1 ORDER BY position")
        var settled: [MessagePosition] = []
        var attempted: [ConsumerProgress.Attempted] = []
        var returned: [MessagePosition] = []
        var dead = 0
        let known = 1...max(1, tally.last.rawValue)
        _ = try statement.bind(1, row.number).rows { row -> Void? in
            guard known.contains(row.integer(0)) else { return nil }
            let position = MessagePosition(rawValue: row.integer(0))
            switch row.integer(1) {
            case DeliveryState.settled: settled.append(position)
            case DeliveryState.attempted:
                attempted.append(self.attempted(row, position))
            case DeliveryState.returned:
                returned.append(position)
                if row.integer(2) > 0 { attempted.append(self.attempted(row, position)) }
            default:
                dead += 1
                // Given up ahead of one that is not settled: it must not be tried again.
                if row.integer(0) > cursor { settled.append(position) }
            }
            return nil
        }
        return ConsumerProgress(
            cursor: MessagePosition(rawValue: row.cursor), settledAhead: settled, attempted: attempted,
            returned: returned, deadLetters: dead)
    }

    private func attempted(_ row: Statement, _ position: MessagePosition) -> ConsumerProgress.Attempted {
        ConsumerProgress.Attempted(
            position: position, attempts: row.attempts(2), wait: tally.time.left(until: row.integer(3)))
    }
}
