import MPushCipher
import MPushConfiguration
import MPushJSON
import MPushModel
import NIOCore

extension InboxStore {
    private static let sameID = SQL(
        """
        SELECT position, received, awaits, came FROM message WHERE id = ?1 AND identity = ?2
        ORDER BY position DESC LIMIT 1
        """)
    private static let sameDigest = SQL(
        "SELECT position, received, awaits, came FROM message WHERE key = ?1 ORDER BY position DESC LIMIT 1")
    private static let insertMessage = SQL(
        """
        INSERT INTO message(key, identity, user, received, id, type, awaits, size, content, came)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
        """)

    /// Stores `messages` in their order, within the transaction that is open.
    func store(_ messages: [NewMessage], settings: InboxSettings) throws(SQLiteError) -> [StoreOutcome] {
        var outcomes: [StoreOutcome] = []
        outcomes.reserveCapacity(messages.count)
        var refusedBytes: Int?
        for message in messages {
            let outcome = try store(message, settings: settings, refusedBytes: &refusedBytes)
            outcomes.append(outcome)
        }
        // That there is room again is for `lookForRoom` to find: what fits may be smaller than what did not.
        if let refusedBytes { tally.refusedBytes = refusedBytes }
        return outcomes
    }

    private func store(
        _ message: NewMessage, settings: InboxSettings, refusedBytes: inout Int?
    ) throws(SQLiteError) -> StoreOutcome {
        let key = MessageKey(message, settings: settings)
        if let known = try known(message, key) {
            tally.status.duplicates += 1
            return known
        }
        let bytes = key.bytes(of: message)
        guard refusedBytes == nil, try makeRoom(for: bytes, settings: settings) else {
            tally.status.refused += 1
            // What can never fit says nothing of the room that there is.
            if bytes <= settings.maximumBytes { refusedBytes = refusedBytes ?? bytes }
            return .full
        }
        let position = try insert(message, key)
        tally.status.messages += 1
        tally.status.bytes += bytes
        tally.status.stored += 1
        tally.storedBytes &+= bytes
        tally.status.last = position
        return .stored(
            StoredMessage(
                position: position, id: key.id ?? id(at: position), identity: message.identity, user: message.user,
                received: message.received, type: key.type, content: message.content))
    }

    /// The id of a message that has none of its own.
    func id(at position: MessagePosition) -> String { "\(name)-\(position.rawValue)" }

    private func known(_ message: NewMessage, _ key: MessageKey) throws(SQLiteError) -> StoreOutcome? {
        let statement: Statement
        if let id = key.id, key.window > .zero {
            statement = try database.statement(InboxStore.sameID).bind(1, id).bind(2, message.identity)
        } else if let digest = key.digest {
            statement = try database.statement(InboxStore.sameDigest).bind(1, digest)
        } else {
            return nil
        }
        defer { statement.reset() }
        guard try statement.step() else { return nil }
        let age =
            statement.isNull(3)
            ? message.received.millisecondsSince1970 &- statement.integer(1)
            : tally.time.now &- statement.integer(3)
        guard Duration.milliseconds(age) < key.window else { return nil }
        // The same content some time before the machine was off may be another message: only an id names one.
        if key.id == nil, !statement.isNull(3), tally.time.mayHaveBeenOff(since: statement.integer(3)) { return nil }
        return .duplicate(
            of: MessagePosition(rawValue: statement.integer(0)), isConsumed: statement.integer(2) == 2)
    }

    private func insert(_ message: NewMessage, _ key: MessageKey) throws(SQLiteError) -> MessagePosition {
        let statement = try database.statement(InboxStore.insertMessage)
        statement.bind(1, key.digest).bind(2, message.identity).bind(3, message.user)
            .bind(4, message.received.millisecondsSince1970).bind(5, key.id).bind(6, key.type)
            .bind(7, message.awaitsConsumer ? 1 : 0).bind(8, Int64(message.content.readableBytes))
            .bind(10, tally.time.now)
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
    /// What the database finds it by where it has no id; nil where every such message is a new one.
    let digest: [UInt8]?
    /// How long it is the same message.
    let window: Duration

    init(_ message: NewMessage, settings: InboxSettings) {
        let members = JSONMembers.find([settings.idField, "msgType"], in: Array(buffer: message.content))
        id = members[0].flatMap(MessageKey.id)
        type = members[1]?.integer
        window = id == nil ? settings.digestWindow : settings.duplicateWindow
        guard id == nil, window > .zero else {
            digest = nil
            return
        }
        var text = Array(message.identity.utf8)
        text += [0, UInt8(ascii: "d")]
        text += message.content.readableBytesView
        digest = (try? SHA256.hash(text)).map { Array($0.prefix(16)) }
    }

    /// What the message counts towards `max_bytes`: as `InboxTally.sqlBytes` has it.
    func bytes(of message: NewMessage) -> Int {
        message.content.readableBytes + message.identity.utf8.count + message.user.utf8.count + (id?.utf8.count ?? 0)
    }

    private static func id(_ value: JSONValue) -> String? {
        switch value {
        case .string(let text) where (1...longestID).contains(text.utf8.count): text
        case .number(let number) where number.isWhole && number.text.utf8.count <= longestID: number.text
        default: nil
        }
    }
}
