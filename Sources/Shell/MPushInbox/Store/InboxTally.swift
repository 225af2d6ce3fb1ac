import MPushModel

/// What the store keeps in mind, so that it need not ask the database: copied before a transaction, and put back where
/// that fails.
struct InboxTally {
    /// What is known of the inbox without asking the disk.
    var status = InboxStatus()
    /// By which messages age.
    var time: InboxTime
    /// When that was last kept; nil for not yet by this process.
    var timeKept: Int64?
    /// The latest wall time on record from an earlier boot, in milliseconds since 1970.
    let newestOnRecord: Int64
    private(set) var consumers: [ConsumerName: ConsumerRow] = [:]
    private var names: [Int64: ConsumerName] = [:]
    /// Of what was stored by this process, as it counts.
    var storedBytes = 0
    /// What the last message that found no room counts; nil while there is room.
    var refusedBytes: Int? { didSet { status.isFull = refusedBytes != nil } }
    /// Up to here every message that all have settled is gone, but for those that dead letters hold and `released`: so
    /// that nobody need walk past dead letters more than once.
    var settledTo: Int64 = 0
    /// Up to `settledTo`, and not held by dead letters any more.
    private(set) var released: Set<Int64> = []
    private static let mostReleased = 1024

    /// What a message counts towards `max_bytes`, as SQL has it, and what its content does.
    static let sqlBytes =
        "length(content) + length(CAST(identity AS BLOB)) + length(CAST(user AS BLOB)) + "
        + "coalesce(length(CAST(id AS BLOB)), 0)"

    /// What the database has, opened when the clocks showed `reading`. The records of deliveries are not counted yet.
    init(_ database: Database, at reading: ClockReading) throws(SQLiteError) {
        let last = try InboxTally.last(in: database)
        time = try InboxTime(database)
        time.opened(
            in: reading.bootID, uptime: reading.boot.sinceBoot.wholeMilliseconds, last: last.rawValue,
            newest: try database.number("SELECT coalesce(came, 0) FROM message ORDER BY position DESC LIMIT 1") ?? 0)
        let sums = try database.prepare(
            """
            SELECT count(*), coalesce(sum(\(InboxTally.sqlBytes)), 0),
                coalesce(max(iif(position <= ?1, received, 0)), 0), coalesce(max(length(content)), 0) FROM message
            """)
        defer { sums.finish() }
        _ = try sums.bind(1, time.beganAfter).step()
        status.messages = Int(clamping: sums.integer(0))
        status.bytes = Int(clamping: sums.integer(1))
        status.last = last
        newestOnRecord = max(sums.integer(2), time.agreement?.wall ?? 0)
        status.newestOnRecord = newestOnRecord > 0 ? WallTime(millisecondsSince1970: newestOnRecord) : nil
        guard sums.integer(3) <= Database.longestValue else {
            throw SQLiteError(code: SQLiteError.corrupt, message: "a message of \(sums.integer(3)) bytes")
        }
        let positions = 0...last.rawValue
        let rows = try database.prepare("SELECT kind, name, number, cursor, active FROM consumer").rows { row in
            let name = row.integer(0) == 0 ? ConsumerName.route(row.text(1)) : .follower(row.text(1))
            return ConsumerRow(
                number: row.integer(2),
                consumer: Consumer(
                    name: name, cursor: MessagePosition(rawValue: row.integer(3, in: positions)),
                    isActive: row.integer(4) != 0))
        }
        for row in rows { self[row.consumer.name] = row }
    }

    /// The last position that was given. Positions are counted up from 1: others are damage, and those that come to the end
    /// of all numbers would leave none for what comes.
    private static func last(in database: Database) throws(SQLiteError) -> MessagePosition {
        let last = try database.number("SELECT seq FROM sqlite_sequence WHERE name = 'message'") ?? 0
        let highest = try database.number("SELECT max(position) FROM message") ?? 0
        let lowest = try database.number("SELECT min(position) FROM message") ?? 0
        guard (0...MessagePosition.highest.rawValue).contains(last), highest <= last, lowest >= 0 else {
            throw SQLiteError(code: SQLiteError.corrupt, message: "positions from \(lowest) to \(highest) of \(last)")
        }
        return MessagePosition(rawValue: last)
    }

    // MARK: - Consumers

    /// The consumer of that name; nil forgets it.
    subscript(name: ConsumerName) -> ConsumerRow? {
        get { consumers[name] }
        set {
            if let old = consumers[name] { names[old.number] = nil }
            consumers[name] = newValue
            if let newValue { names[newValue.number] = name }
        }
    }

    /// The consumer that has this number in the database.
    func name(of number: Int64) -> ConsumerName? { names[number] }

    mutating func passed(_ name: ConsumerName, _ position: Int64, at time: Int64) {
        consumers[name]?.passage = (position, time)
    }

    mutating func change(_ name: ConsumerName, _ body: (inout Consumer) -> Void) {
        guard let index = consumers.index(forKey: name) else { return }
        body(&consumers.values[index].consumer)
    }

    /// Up to here every consumer that somebody uses has settled everything.
    var settledByAll: Int64 {
        consumers.values.lazy.filter(\.consumer.isActive).map(\.consumer.cursor.rawValue).min() ?? status.last.rawValue
    }

    /// What keeps the inbox full, if it is.
    var holder: InboxHolder? {
        guard status.isFull else { return nil }
        let last = consumers.values.lazy.map(\.consumer).filter(\.isActive)
            .min { ($0.cursor, $0.name.text) < ($1.cursor, $1.name.text) }
        let behind = last.map { Int(clamping: status.last.rawValue - $0.cursor.rawValue) } ?? 0
        let deadLetters = consumers.values.reduce(0) { $0 + $1.consumer.deadLetters }
        // What came with the message that was refused nobody can have had: the larger share is to blame.
        if let last, behind > 0, behind >= deadLetters { return .consumer(last.name, behind: behind) }
        return deadLetters > 0 ? .deadLetters(deadLetters) : nil
    }

    // MARK: - Counting

    /// So many `records` in that state were made, which count `bytes` together.
    mutating func count(_ state: DeliveryState?, bytes: Int, of consumer: Int64, records: Int = 1) {
        status.bytes = max(0, status.bytes &+ bytes)
        guard let state, let name = names[consumer] else { return }
        change(name) { consumer in
            switch state {
            case .settled: consumer.settledAhead = max(0, consumer.settledAhead + records)
            case .dead: consumer.deadLetters = max(0, consumer.deadLetters + records)
            case .attempted, .returned, .resent, .discarded: break
            }
        }
    }

    /// A record was removed.
    mutating func uncount(_ record: InboxStore.Counted) {
        count(record.state, bytes: -record.bytes, of: record.consumer, records: -1)
        if record.state?.holdsMessage == true { release(record.position) }
    }

    private mutating func release(_ position: Int64) {
        guard position <= settledTo else { return }
        released.insert(position)
        guard released.count > InboxTally.mostReleased, let first = released.min() else { return }
        settledTo = first - 1
        released = []
    }

    /// It is known what became of these of `released`.
    mutating func removeReleased(_ positions: [Int64]) { released.subtract(positions) }
}

/// A consumer and its number in the database.
struct ConsumerRow {
    let number: Int64
    var consumer: Consumer
    /// The last row that this process wrote of it into `passage`.
    var passage: (position: Int64, time: Int64)?

    init(number: Int64, consumer: Consumer) {
        self.number = number
        self.consumer = consumer
    }
}
