import MPushModel

/// What became of single messages.
extension InboxStore {
    /// Others with the same id that are named, at most.
    private static let mostOthers: Int64 = 100

    private static let withID = SQL("SELECT position FROM message WHERE id = ?1 ORDER BY position DESC LIMIT ?2")
    private static let awaits = SQL("SELECT awaits FROM message WHERE position = ?1")
    private static let began = SQL("SELECT began FROM consumer WHERE number = ?1 AND began IS NOT NULL")
    private static let record = SQL(
        "SELECT state, attempts, at, reason FROM delivery WHERE consumer = ?1 AND position = ?2")

    /// The newest message with this id, or the one at `#` and its position; nil where there is none.
    func trace(_ id: String) throws(SQLiteError) -> MessageTrace? {
        var positions = try database.statement(InboxStore.withID).bind(1, id).bind(2, InboxStore.mostOthers + 1)
            .rows { $0.integer(0) }
        if positions.isEmpty, let only = ownPosition(id) ?? InboxStore.position(in: id) { positions = [only] }
        guard let position = positions.first, position > 0 else { return nil }
        let query = MessageQuery(after: MessagePosition(rawValue: position).before, limit: 1)
        guard let message = try messages(query).messages.first, message.position.rawValue == position else {
            return nil
        }
        let confirmation = try database.statement(InboxStore.awaits).bind(1, position).rows { $0.integer(0) }.first
        var deliveries: [MessageTrace.Delivery] = []
        for row in tally.consumers.values {
            deliveries.append(
                MessageTrace.Delivery(
                    consumer: row.consumer.name, isActive: row.consumer.isActive,
                    fate: try fate(of: message.position, with: row)))
        }
        return MessageTrace(
            message: message, others: positions.dropFirst().map { MessagePosition(rawValue: $0) },
            isConfirmed: confirmation == 2, awaitsConfirmation: confirmation == 1,
            deliveries: deliveries.sorted { $0.consumer.text < $1.consumer.text })
    }

    /// `#12`
    private static func position(in text: String) -> Int64? {
        text.hasPrefix("#") ? Int64(text.dropFirst()) : nil
    }

    private func fate(of position: MessagePosition, with row: ConsumerRow) throws(SQLiteError) -> DeliveryFate {
        let statement = try database.statement(InboxStore.record).bind(1, row.number).bind(2, position.rawValue)
        if let fate = try statement.rows({ self.fate(in: $0) }).first { return fate }
        guard position <= row.consumer.cursor else { return .waiting(attempts: 0, again: nil, isReturned: false) }
        let began = try database.statement(InboxStore.began).bind(1, row.number).rows { $0.integer(0) }.first
        if let began, position.rawValue <= began { return .before }
        return .done(at: try passage(of: row.number, past: position))
    }

    /// nil for what is no record.
    private func fate(in row: Statement) -> DeliveryFate? {
        switch DeliveryState(rawValue: row.integer(0)) {
        case .settled: .done(at: row.integer(2) == 0 ? nil : row.wallTime(2))
        case .resent: .done(at: row.wallTime(2))
        case .discarded: .discarded(at: row.wallTime(2))
        case .attempted:
            .waiting(attempts: row.attempts(1), again: tally.time.left(until: row.integer(2)), isReturned: false)
        case .returned:
            .waiting(attempts: row.attempts(1), again: tally.time.left(until: row.integer(2)), isReturned: true)
        case .dead:
            .dead(
                attempts: row.attempts(1), reason: row.text(3).bounded(to: AttemptResult.longestReason),
                at: row.wallTime(2))
        case nil: nil
        }
    }
}
