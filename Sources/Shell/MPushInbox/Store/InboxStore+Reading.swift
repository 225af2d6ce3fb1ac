import MPushModel
import NIOCore

/// Pages of messages and dead letters.
extension InboxStore {
    /// Messages on a page, at most.
    private static let longestPage = 1000
    /// A page ends with the message that makes its content this long, in bytes.
    private static let pageBytes = 4 << 20
    private static let columns = "m.position, m.id, m.identity, m.user, m.received, m.type, m.content"

    /// The page that `query` asks for.
    func messages(_ query: MessageQuery) throws(SQLiteError) -> MessagePage {
        let limit = min(max(1, query.limit), InboxStore.longestPage)
        var conditions: [String] = []
        if query.after > .start { conditions.append("m.position \(query.isNewestFirst ? "<" : ">") ?1") }
        if query.identity != nil { conditions.append("m.identity = ?2") }
        if query.id != nil { conditions.append("(m.id = ?3 OR m.position = ?4)") }
        let row = query.consumer.flatMap { tally.consumers[$0] }
        if let state = query.state, let row { conditions.append(condition(for: state, row)) }
        if query.state != nil, query.consumer != nil, row == nil { return MessagePage(messages: []) }
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
        return try page(of: statement, limit: limit)
    }

    /// The position in an id that this database gave.
    private func ownPosition(_ id: String) -> Int64? {
        id.hasPrefix(name + "-") ? Int64(id.dropFirst(name.count + 1)) : nil
    }

    private func condition(for state: MessageState, _ row: ConsumerRow) -> String {
        func exists(_ states: String) -> String {
            "EXISTS (SELECT 1 FROM delivery d WHERE d.consumer = \(row.number) AND d.position = m.position "
                + "AND d.state IN (\(states)))"
        }
        switch state {
        case .pending: return "((m.position > \(row.cursor) AND NOT \(exists("1, 3"))) OR \(exists("4")))"
        case .done: return "((m.position <= \(row.cursor) AND NOT \(exists("3, 4"))) OR \(exists("1")))"
        case .dead: return exists("3")
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

    // MARK: - Dead letters

    /// A page of them, the oldest message first.
    func deadLetters(_ query: DeadLetterQuery) throws(SQLiteError) -> DeadLetterPage {
        let limit = min(max(1, query.limit), InboxStore.longestPage)
        let number = query.route.map { tally.consumers[.route($0)]?.number ?? -1 }
        let names = Dictionary(
            tally.consumers.map { ($0.value.number, $0.key) }, uniquingKeysWith: { first, _ in first })
        let statement = try database.prepare(
            """
            SELECT \(InboxStore.columns), d.consumer, d.attempts, d.reason, d.at FROM delivery d
            JOIN message m ON m.position = d.position
            WHERE d.state = 3 AND (d.position, d.consumer) > (?1, ?2) \(number.map { "AND d.consumer = \($0)" } ?? "")
            ORDER BY d.position, d.consumer LIMIT \(limit + 1)
            """)
        defer { statement.finish() }
        statement.bind(1, query.after.rawValue)
        // After one that is not known any more, the position is shown from its start: rather twice than not at all.
        statement.bind(2, query.afterRoute.map { tally.consumers[.route($0)]?.number ?? 0 } ?? Int64.max)
        var letters: [DeadLetter] = []
        var bytes = 0
        while try statement.step() {
            guard letters.count < limit, bytes < InboxStore.pageBytes else {
                return DeadLetterPage(deadLetters: letters, hasMore: true)
            }
            guard let name = names[statement.integer(7)] else { continue }
            let message = message(in: statement)
            letters.append(
                DeadLetter(
                    message: message, route: name.text, attempts: statement.attempts(8), reason: statement.text(9),
                    buried: statement.wallTime(10)))
            try statement.check()
            bytes += message.content.readableBytes
        }
        return DeadLetterPage(deadLetters: letters)
    }

    /// Those of them that are there become messages to be sent again; nil where the consumer is not known.
    func returnDeadLetters(
        _ positions: [MessagePosition]?, of consumer: ConsumerName
    ) throws(SQLiteError) -> [MessagePosition]? {
        guard let number = tally.consumers[consumer]?.number else { return nil }
        return try change(
            positions, number,
            all: "UPDATE delivery SET state = 4, attempts = 0 WHERE consumer = ?1 AND state = 3 RETURNING position",
            one: """
                UPDATE delivery SET state = 4, attempts = 0 WHERE consumer = ?1 AND position = ?2 AND state = 3
                RETURNING position
                """)
    }

    /// Forgets them, and says how many were there; nil where the consumer is not known.
    func discardDeadLetters(
        _ positions: [MessagePosition]?, of consumer: ConsumerName
    ) throws(SQLiteError) -> Int? {
        guard let number = tally.consumers[consumer]?.number else { return nil }
        // Ahead of the cursor, that it was given up is all that says that it is settled.
        let kept = try change(
            positions, number,
            all: """
                UPDATE delivery SET state = 1, reason = NULL WHERE consumer = ?1 AND state = 3
                AND position > (SELECT cursor FROM consumer WHERE number = ?1) RETURNING position
                """,
            one: """
                UPDATE delivery SET state = 1, reason = NULL WHERE consumer = ?1 AND position = ?2 AND state = 3
                AND position > (SELECT cursor FROM consumer WHERE number = ?1) RETURNING position
                """)
        let gone = try change(
            positions, number, all: "DELETE FROM delivery WHERE consumer = ?1 AND state = 3 RETURNING position",
            one: "DELETE FROM delivery WHERE consumer = ?1 AND position = ?2 AND state = 3 RETURNING position")
        return kept.count + gone.count
    }

    private func change(
        _ positions: [MessagePosition]?, _ number: Int64, all: StaticString, one: StaticString
    ) throws(SQLiteError) -> [MessagePosition] {
        let known = 1...max(1, tally.last.rawValue)
        func changed(by statement: Statement) throws(SQLiteError) -> [MessagePosition] {
            try statement.rows { row in
                known.contains(row.integer(0)) ? MessagePosition(rawValue: row.integer(0)) : nil
            }
        }
        guard let positions else { return try changed(by: database.statement(all).bind(1, number)).sorted() }
        var result: [MessagePosition] = []
        for position in Set(positions).sorted() {
            result += try changed(by: database.statement(one).bind(1, number).bind(2, position.rawValue))
        }
        return result
    }
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
