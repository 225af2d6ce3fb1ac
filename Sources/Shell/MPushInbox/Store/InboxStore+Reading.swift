import MPushModel
import NIOCore

/// Pages of messages and dead letters.
extension InboxStore {
    /// Messages on a page, at most.
    private static let longestPage = 1000
    /// A page ends with the message that makes its content this long, in bytes.
    static let pageBytes = 4 << 20
    /// How many messages are looked through for one page: others wait for the database meanwhile.
    private static let mostScanned = 10_000
    private static let columns = "m.position, m.id, m.identity, m.user, m.received, m.type, m.content"
    private static let scanForward = SQL(
        "SELECT position FROM message WHERE position > ?1 ORDER BY position LIMIT 1 OFFSET ?2")
    private static let scanBackward = SQL(
        "SELECT position FROM message WHERE position < ?1 ORDER BY position DESC LIMIT 1 OFFSET ?2")

    /// A page that `query` asks for. Where few messages are what is asked for it may have less than its limit, and yet a
    /// next one.
    func messages(_ query: MessageQuery) throws(SQLiteError) -> MessagePage {
        let limit = min(max(1, query.limit), InboxStore.longestPage)
        var conditions: [String] = []
        if query.after > .start { conditions.append("m.position \(query.isNewestFirst ? "<" : ">") ?1") }
        if query.identity != nil { conditions.append("m.identity = ?2") }
        if query.id != nil {
            conditions.append("m.position IN (SELECT position FROM message WHERE id = ?3 UNION SELECT ?4)")
        }
        if let state = query.state, let consumer = query.consumer {
            guard let row = tally[consumer] else { return MessagePage(messages: []) }
            conditions.append(condition(for: state, row))
        }
        if query.user != nil { conditions.append("m.user = ?6") }
        if query.since != nil { conditions.append("m.received >= ?7") }
        if query.text != nil { conditions.append("instr(m.content, ?8) > 0") }
        let end = query.id == nil && query.isSearch ? try scanEnd(query) : nil
        if end != nil { conditions.append("m.position \(query.isNewestFirst ? ">=" : "<=") ?5") }
        let sql = """
            SELECT \(InboxStore.columns) FROM message m
            \(conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND "))
            ORDER BY m.position \(query.isNewestFirst ? "DESC" : "ASC") LIMIT \(limit + 1)
            """
        let statement = try database.prepare(sql)
        defer { statement.finish() }
        if query.after > .start { statement.bind(1, query.after.rawValue) }
        if let identity = query.identity { statement.bind(2, identity) }
        if let id = query.id { statement.bind(3, id).bind(4, ownPosition(id)) }
        if let end { statement.bind(5, end.rawValue) }
        if let user = query.user { statement.bind(6, user) }
        if let since = query.since { statement.bind(7, since.millisecondsSince1970) }
        if let text = query.text { statement.bind(8, Array(text.utf8)) }
        var page = try page(of: statement, limit: limit)
        if page.next == nil { page.next = end }
        return page
    }

    /// Where to stop looking; nil where that is not before the last.
    private func scanEnd(_ query: MessageQuery) throws(SQLiteError) -> MessagePosition? {
        let isFromNewest = query.isNewestFirst && query.after <= .start
        let statement = try database.statement(
            query.isNewestFirst ? InboxStore.scanBackward : InboxStore.scanForward)
        statement.bind(1, isFromNewest ? .max : query.after.rawValue).bind(2, Int64(InboxStore.mostScanned))
        return try statement.rows { MessagePosition(rawValue: $0.integer(0)) }.first
    }

    /// The position in an id that this database gave.
    func ownPosition(_ id: String) -> Int64? {
        id.hasPrefix(name + "-") ? Int64(id.dropFirst(name.count + 1)) : nil
    }

    private func condition(for state: MessageState, _ row: ConsumerRow) -> String {
        let cursor = row.consumer.cursor.rawValue
        func exists(_ states: DeliveryState...) -> String {
            "EXISTS (SELECT 1 FROM delivery d WHERE d.consumer = \(row.number) AND d.position = m.position "
                + "AND d.state IN (\(states.map(\.sql).joined(separator: ", "))))"
        }
        switch state {
        case .pending:
            return "((m.position > \(cursor) AND NOT \(exists(.settled, .dead, .discarded))) OR \(exists(.returned)))"
        case .done:
            return "((m.position <= \(cursor) AND NOT \(exists(.dead, .returned))) OR \(exists(.settled, .discarded)))"
        case .dead: return exists(.dead)
        }
    }

    private func page(of statement: Statement, limit: Int) throws(SQLiteError) -> MessagePage {
        var messages: [StoredMessage] = []
        var bytes = 0
        while try statement.step() {
            guard messages.count < limit, bytes < InboxStore.pageBytes else {
                return MessagePage(messages: messages, next: messages.last?.position)
            }
            let message = message(in: statement)
            try statement.check()
            bytes += message.content.readableBytes
            messages.append(message)
        }
        return MessagePage(messages: messages)
    }

    private func message(in row: Statement) -> StoredMessage {
        let position = MessagePosition(rawValue: row.integer(0))
        return StoredMessage(
            position: position, id: row.isNull(1) ? id(at: position) : row.text(1), identity: row.text(2),
            user: row.text(3), received: row.wallTime(4),
            type: row.isNull(5) ? nil : row.integer(5), content: row.buffer(6))
    }

    /// A page of dead letters, the oldest message first.
    func deadLetters(_ query: DeadLetterQuery) throws(SQLiteError) -> DeadLetterPage {
        let limit = min(max(1, query.limit), InboxStore.longestPage)
        let number = query.route.map { tally[.route($0)]?.number ?? -1 }
        // By the index on positions, or by the primary key.
        let choice = number == nil ? "(d.position, d.consumer) > (?1, ?2)" : "d.consumer = ?3 AND d.position > ?1"
        let statement = try database.prepare(
            """
            SELECT \(InboxStore.columns), d.consumer, d.attempts, d.reason, d.at FROM delivery d
            CROSS JOIN message m ON m.position = d.position
            WHERE \(choice) AND d.state = \(DeliveryState.dead.sql)
            ORDER BY d.position, d.consumer LIMIT \(limit + 1)
            """)
        defer { statement.finish() }
        let afterConsumer = query.afterRoute.map { tally[.route($0)]?.number ?? 0 }
        if let number {
            // Within its own position a route comes before, or after, the one named.
            let isBehind = afterConsumer.map { $0 < number } ?? false
            statement.bind(1, query.after.rawValue - (isBehind ? 1 : 0)).bind(3, number)
        } else {
            // After one that is not known any more, the position is shown from its start: rather twice than not at all.
            statement.bind(1, query.after.rawValue).bind(2, afterConsumer ?? .max)
        }
        var letters: [DeadLetter] = []
        var bytes = 0
        while try statement.step() {
            guard letters.count < limit, bytes < InboxStore.pageBytes else {
                return DeadLetterPage(deadLetters: letters, hasMore: true)
            }
            guard let name = tally.name(of: statement.integer(7)) else { continue }
            let message = message(in: statement)
            // What an earlier version, or another program, wrote may be longer.
            let reason = statement.text(9).bounded(to: AttemptResult.longestReason)
            letters.append(
                DeadLetter(
                    message: message, route: name.text, attempts: statement.attempts(8), reason: reason,
                    buried: statement.wallTime(10)))
            try statement.check()
            bytes += message.content.readableBytes + reason.utf8.count
        }
        return DeadLetterPage(deadLetters: letters)
    }
}

extension MessageQuery {
    /// Whether messages have to be looked at to know whether they are asked for.
    fileprivate var isSearch: Bool { identity != nil || state != nil || user != nil || since != nil || text != nil }
}

extension Statement {
    /// Up to the end of the year 9999, which is what can be written.
    private static let wallTimes: ClosedRange<Int64> = 0...253_402_300_799_999
    /// As many as a configuration allows, many times.
    private static let mostAttempts: ClosedRange<Int64> = 0...1_000_000_000

    func wallTime(_ column: Int32) -> WallTime {
        WallTime(millisecondsSince1970: integer(column, in: Statement.wallTimes))
    }

    func attempts(_ column: Int32) -> Int { Int(integer(column, in: Statement.mostAttempts)) }
}
