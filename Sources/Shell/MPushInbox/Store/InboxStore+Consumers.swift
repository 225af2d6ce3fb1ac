import MPushModel

extension ConsumerName {
    fileprivate var kind: Int64 {
        switch self {
        case .route: 0
        case .follower: 1
        }
    }
}

/// How far each consumer has come.
extension InboxStore {
    private static let insertConsumer = SQL(
        "INSERT INTO consumer(kind, name, cursor, active, began) VALUES (?1, ?2, ?3, 1, ?3)")
    private static let removeConsumer = SQL("DELETE FROM consumer WHERE number = ?1")
    private static let setCursor = SQL("UPDATE consumer SET cursor = ?2 WHERE number = ?1")
    private static let setActive = SQL("UPDATE consumer SET active = ?2 WHERE number = ?1")
    private static let setConsumed = SQL(
        "UPDATE OR FAIL message SET awaits = 2 WHERE position BETWEEN ?1 AND ?2 AND awaits <> 2")
    private static let records = SQL(
        "SELECT position, state, attempts, at FROM delivery WHERE consumer = ?1 ORDER BY position")

    /// How far the consumer has come, which is active from now on; a new one is made where it is not known.
    func open(_ name: ConsumerName, fromOldest: Bool) throws(SQLiteError) -> ConsumerProgress {
        try progress(of: try activate(name, fromOldest: fromOldest))
    }

    /// The consumer is active from now on; a new one is made where it is not known.
    @discardableResult
    func activate(_ name: ConsumerName, fromOldest: Bool) throws(SQLiteError) -> ConsumerRow {
        if let row = tally[name] {
            try setActive(name, true)
            return row
        }
        let cursor = fromOldest ? MessagePosition.start : tally.status.last
        let statement = try database.statement(InboxStore.insertConsumer)
        try statement.bind(1, name.kind).bind(2, name.text).bind(3, cursor.rawValue).run()
        let row = ConsumerRow(number: database.lastInsertRowID, consumer: Consumer(name: name, cursor: cursor))
        tally[name] = row
        return row
    }

    /// Nothing is kept for it any more where there is no room.
    func retire(_ name: ConsumerName) throws(SQLiteError) {
        try setActive(name, false)
    }

    /// Forgets it; false where it is not known.
    func remove(_ name: ConsumerName) throws(SQLiteError) -> Bool {
        guard let row = tally[name] else { return false }
        try removeRecords(of: row.number)
        try removePassages(of: row.number)
        try database.statement(InboxStore.removeConsumer).bind(1, row.number).run()
        tally[name] = nil
        return true
    }

    /// Records what the consumer has done; false where it is not known.
    func record(_ changes: [ConsumerChange], of name: ConsumerName) throws(SQLiteError) -> Bool {
        guard let row = tally[name] else { return false }
        var consumed: ClosedRange<Int64>?
        for change in changes {
            // What was consumed one after the other is one change: nothing else looks at it meanwhile.
            guard case .consumed(let position) = change else {
                try record(change, of: name, row.number)
                continue
            }
            if let before = consumed, before.upperBound + 1 == position.rawValue {
                consumed = before.lowerBound...position.rawValue
            } else {
                try noteConsumed(consumed)
                consumed = position.rawValue...position.rawValue
            }
        }
        try noteConsumed(consumed)
        if let cursor = tally[name]?.consumer.cursor, cursor > row.consumer.cursor {
            try notePassage(of: name, to: cursor)
        }
        return true
    }

    private func record(
        _ change: ConsumerChange, of name: ConsumerName, _ number: Int64
    ) throws(SQLiteError) {
        switch change {
        case .advanced(let position): try advance(name, number, to: position)
        case .settled(let position): try settle(name, number, position)
        case .consumed(let position): try noteConsumed(position.rawValue...position.rawValue)
        case .attempted(let position, let attempts, let wait):
            // What was sent again from the dead letters stays known as that.
            let isReturned = try state(at: position.rawValue, of: number) == .returned
            try put(
                DeliveryRecord(
                    state: isReturned ? .returned : .attempted, attempts: attempts, time: tally.time.after(wait)),
                at: position.rawValue, of: number)
        case .buried(let position, let attempts, let reason):
            try put(
                DeliveryRecord(
                    state: .dead, attempts: attempts, time: wall.millisecondsSince1970,
                    reason: reason.bounded(to: AttemptResult.longestReason)),
                at: position.rawValue, of: number)
        }
    }

    /// Also where nobody waits for them yet: the same message may come again from a sender who does.
    private func noteConsumed(_ positions: ClosedRange<Int64>?) throws(SQLiteError) {
        guard let positions else { return }
        try database.statement(InboxStore.setConsumed).bind(1, positions.lowerBound).bind(2, positions.upperBound).run()
    }

    private func advance(_ name: ConsumerName, _ number: Int64, to position: MessagePosition) throws(SQLiteError) {
        guard let cursor = tally[name]?.consumer.cursor, position > cursor else { return }
        try database.statement(InboxStore.setCursor).bind(1, number).bind(2, position.rawValue).run()
        try removeRecords(of: number, after: cursor.rawValue, upTo: position.rawValue)
        tally.change(name) { $0.cursor = position }
    }

    private func settle(_ name: ConsumerName, _ number: Int64, _ position: MessagePosition) throws(SQLiteError) {
        if let cursor = tally[name]?.consumer.cursor, position > cursor {
            try put(
                DeliveryRecord(state: .settled, time: wall.millisecondsSince1970), at: position.rawValue, of: number)
        } else if try state(at: position.rawValue, of: number) == .returned {
            try put(DeliveryRecord(state: .resent, time: wall.millisecondsSince1970), at: position.rawValue, of: number)
        } else {
            try removeRecord(at: position.rawValue, of: number)
        }
    }

    private func setActive(_ name: ConsumerName, _ isActive: Bool) throws(SQLiteError) {
        guard let row = tally[name], row.consumer.isActive != isActive else { return }
        try database.statement(InboxStore.setActive).bind(1, row.number).bind(2, isActive ? 1 : 0).run()
        tally.change(name) { $0.isActive = isActive }
    }

    private func progress(of row: ConsumerRow) throws(SQLiteError) -> ConsumerProgress {
        let cursor = row.consumer.cursor.rawValue
        let statement = try database.statement(InboxStore.records)
        var settled: [MessagePosition] = []
        var attempted: [ConsumerProgress.Attempted] = []
        var returned: [MessagePosition] = []
        let known = 1...max(1, tally.status.last.rawValue)
        _ = try statement.bind(1, row.number).rows { row -> Void? in
            guard known.contains(row.integer(0)) else { return nil }
            let position = MessagePosition(rawValue: row.integer(0))
            switch DeliveryState(rawValue: row.integer(1)) {
            case .settled: settled.append(position)
            case .attempted: attempted.append(self.attempted(row, position))
            case .returned:
                returned.append(position)
                if row.integer(2) > 0 { attempted.append(self.attempted(row, position)) }
            case .dead, .discarded:
                // Given up ahead of one that is not settled: it must not be tried again.
                if row.integer(0) > cursor { settled.append(position) }
            case .resent, nil: break
            }
            return nil
        }
        return ConsumerProgress(
            cursor: row.consumer.cursor, settledAhead: settled, attempted: attempted, returned: returned,
            pause: try pause(of: row.number))
    }

    private func attempted(_ row: Statement, _ position: MessagePosition) -> ConsumerProgress.Attempted {
        ConsumerProgress.Attempted(
            position: position, attempts: row.attempts(2), wait: tally.time.left(until: row.integer(3)))
    }
}

/// What operators do with dead letters.
extension InboxStore {
    private static let deadOnes = SQL(
        """
        SELECT position FROM delivery WHERE consumer = ?1 AND state = \(DeliveryState.dead.sql) ORDER BY position
        """)

    /// Those of them that are there become messages to be sent again; nil where the consumer is not known.
    func returnDeadLetters(
        _ positions: [MessagePosition]?, of consumer: ConsumerName
    ) throws(SQLiteError) -> [MessagePosition]? {
        guard let row = tally[consumer] else { return nil }
        let dead = try dead(among: positions, of: row.number)
        for position in dead {
            try put(DeliveryRecord(state: .returned), at: position.rawValue, of: row.number)
        }
        return dead
    }

    /// Forgets them, and says how many were there; nil where the consumer is not known.
    func discardDeadLetters(
        _ positions: [MessagePosition]?, of consumer: ConsumerName
    ) throws(SQLiteError) -> Int? {
        guard let row = tally[consumer] else { return nil }
        let dead = try dead(among: positions, of: row.number)
        let now = wall.millisecondsSince1970
        for position in dead {
            try put(DeliveryRecord(state: .discarded, time: now), at: position.rawValue, of: row.number)
        }
        return dead.count
    }

    private func dead(among positions: [MessagePosition]?, of number: Int64) throws(SQLiteError) -> [MessagePosition] {
        let known = 1...max(1, tally.status.last.rawValue)
        guard let positions else {
            return try database.statement(InboxStore.deadOnes).bind(1, number).rows { row in
                known.contains(row.integer(0)) ? MessagePosition(rawValue: row.integer(0)) : nil
            }
        }
        var dead: [MessagePosition] = []
        for position in Set(positions).sorted() where known.contains(position.rawValue) {
            if try state(at: position.rawValue, of: number) == .dead { dead.append(position) }
        }
        return dead
    }
}
