import MPushCipher
import MPushConfiguration
import MPushJSON
import MPushModel
import NIOCore

extension InboxStore {
    /// Stores `messages` in their order, within the transaction that is open.
    func store(_ messages: [NewMessage], settings: InboxSettings) throws(SQLiteError) -> [StoreOutcome] {
        var outcomes: [StoreOutcome] = []
        outcomes.reserveCapacity(messages.count)
        var isFull = false
        for message in messages {
            let outcome = try store(message, settings: settings, isFull: isFull)
            isFull = outcome == .full
            outcomes.append(outcome)
        }
        if !messages.isEmpty { tally.isFull = isFull }
        return outcomes
    }

    private func store(
        _ message: NewMessage, settings: InboxSettings, isFull: Bool
    ) throws(SQLiteError) -> StoreOutcome {
        let key = MessageKey(message, settings: settings)
        if let known = try known(key, received: message.received) {
            tally.duplicates += 1
            return known
        }
        let size = message.content.readableBytes
        guard !isFull, try makeRoom(for: size, settings: settings) else {
            tally.refused += 1
            return .full
        }
        let position = try insert(message, key, size: size)
        tally.messages += 1
        tally.bytes += size
        tally.stored += 1
        tally.storedBytes &+= size
        tally.last = position
        return .stored(
            StoredMessage(
                position: position, id: key.id ?? id(at: position), identity: message.identity, user: message.user,
                received: message.received, type: key.type, content: message.content))
    }

    /// The id of a message that has none of its own.
    func id(at position: MessagePosition) -> String { "\(name)-\(position.rawValue)" }

    private func known(_ key: MessageKey, received: WallTime) throws(SQLiteError) -> StoreOutcome? {
        guard let bytes = key.key else { return nil }
        let statement = try database.statement(
            "SELECT position, received, awaits, came FROM message WHERE key = ?1 ORDER BY position DESC LIMIT 1")
        statement.bind(1, bytes)
        defer { statement.reset() }
        guard try statement.step() else { return nil }
        let age =
            statement.isNull(3)
            ? received.millisecondsSince1970 &- statement.integer(1) : tally.time.now &- statement.integer(3)
        guard Duration.milliseconds(age) < key.window else { return nil }
        // The same content some time before the machine was off may be another message: only an id names one.
        if key.id == nil, !statement.isNull(3), tally.time.mayHaveBeenOff(since: statement.integer(3)) { return nil }
        return .duplicate(
            of: MessagePosition(rawValue: statement.integer(0)), isConsumed: statement.integer(2) == 2)
    }

    private func insert(
        _ message: NewMessage, _ key: MessageKey, size: Int
    ) throws(SQLiteError) -> MessagePosition {
        let statement = try database.statement(
            """
            INSERT INTO message(key, identity, user, received, id, type, awaits, size, content, came)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            """)
        statement.bind(1, key.key).bind(2, message.identity).bind(3, message.user)
            .bind(4, message.received.millisecondsSince1970).bind(5, key.id).bind(6, key.type)
            .bind(7, message.awaitsConsumer ? 1 : 0).bind(8, Int64(size)).bind(10, tally.time.now)
        try statement.withBound(9, message.content) { () throws(SQLiteError) in try statement.run() }
        return MessagePosition(rawValue: database.lastInsertRowID)
    }
}

/// What tells a message from others: its own id, or else a digest of its content.
struct MessageKey {
    /// The longest id that is taken for one, in bytes.
    static let longestID = 256

    /// The id that its content has.
    let id: String?
    /// `msgType` of its content.
    let type: Int64?
    /// What the database finds it by; nil where every message is a new one.
    let key: [UInt8]?
    /// How long it is the same message.
    let window: Duration

    init(_ message: NewMessage, settings: InboxSettings) {
        let members = JSONMembers.find([settings.idField, "msgType"], in: Array(buffer: message.content))
        id = members[0].flatMap(MessageKey.id)
        type = members[1]?.integer
        window = id == nil ? settings.digestWindow : settings.duplicateWindow
        guard window > .zero else {
            key = nil
            return
        }
        var text = Array(message.identity.utf8)
        text.append(0)
        if let id {
            text.append(UInt8(ascii: "i"))
            text += id.utf8
        } else {
            text.append(UInt8(ascii: "d"))
            text += message.content.readableBytesView
        }
        key = (try? SHA256.hash(text)).map { Array($0.prefix(16)) }
    }

    private static func id(_ value: JSONValue) -> String? {
        switch value {
        case .string(let text) where (1...longestID).contains(text.utf8.count): text
        case .number(let number) where number.isWhole && number.text.utf8.count <= longestID: number.text
        default: nil
        }
    }
}
