import MPushModel

/// The tables of the inbox, and the way from an older version of them to this one's. Each step is done whole or not at
/// all; a database of a later version is left alone.
enum Schema {
    /// The statements that lead from each version to the next; the first from an empty database.
    private static let steps = [version1, version2, version3, version4, version5, version6]

    static var current: Int { steps.count }

    /// From here on messages have a time (`InboxTime`) and can be counted and removed; what is added later is quicker, not more.
    static let firstWithTime = 2

    /// "MPSH", by which file(1) and others tell the file.
    static let applicationID: Int64 = 0x4D50_5348

    /// The version of `database`, 0 for an empty one; nothing is written. Throws damage where it is not an inbox, in part or
    /// as a whole.
    static func version(of database: Database) throws(SQLiteError) -> Int {
        let version = Int(try database.number("PRAGMA user_version") ?? 0)
        guard version <= current else {
            throw SQLiteError(
                code: 1,
                message: "the database is of version \(version), made by a later mpushd; this one knows \(current)"
            )
        }
        guard version >= 0 else { throw damage("version \(version)") }
        try check(database, version: version)
        return version
    }

    /// Takes the steps after version `old` up to `new`; none where it is that or a later one.
    static func migrate(_ database: Database, from old: Int, to new: Int) throws(SQLiteError) {
        for (index, step) in steps.enumerated() where index >= old && index < new {
            try database.execute("BEGIN IMMEDIATE")
            do throws(SQLiteError) {
                try database.execute(step)
                try database.execute("PRAGMA user_version = \(index + 1)")
                try database.execute("COMMIT")
            } catch {
                try? database.execute("ROLLBACK")
                throw error
            }
        }
    }

    /// Whether something was ever stored in `database`: where the power goes in a first start it may have tables, and no more.
    static func isUsed(_ database: Database) throws(SQLiteError) -> Bool {
        guard try database.number("SELECT 1 FROM sqlite_schema WHERE name = 'message'") != nil else { return false }
        return try database.number(
            """
            SELECT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'message') OR EXISTS (SELECT 1 FROM consumer)
                OR EXISTS (SELECT 1 FROM ticket)
            """) != 0
    }

    /// Whether the tables are those of `version`, to the letter: a file that another program made, or in which a bit was
    /// turned, is not asked. More than those is fine: an administrator's index, or what `ANALYZE` leaves.
    private static func check(_ database: Database, version: Int) throws(SQLiteError) {
        let mark = try database.number("PRAGMA application_id") ?? 0
        guard mark == (version < 2 ? 0 : applicationID) else { throw damage("another program's mark, \(mark)") }
        guard try database.text("PRAGMA encoding") == "UTF-8" else { throw damage("another encoding") }
        let there = try objects(of: database)
        if version == 0 {
            guard there.isEmpty else { throw damage("another program's tables") }
            return
        }
        let pattern = try Database()
        defer { pattern.close() }
        try migrate(pattern, from: 0, to: version)
        for (name, text) in try objects(of: pattern) {
            guard there[name] == text else { throw damage("\(name) is not what it should be") }
        }
    }

    /// The text of each table and index, by what it is and its name; a name that is there twice is none.
    private static func objects(of database: Database) throws(SQLiteError) -> [String: String] {
        let statement = try database.prepare(
            "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL")
        defer { statement.finish() }
        let rows = try statement.rows { row in
            ("the \(row.text(0)) \(row.text(1)) of \(row.text(2))", row.text(3))
        }
        return Dictionary(rows, uniquingKeysWith: { _, _ in "" })
    }

    private static func damage(_ words: String) -> SQLiteError {
        SQLiteError(code: SQLiteError.corrupt, message: "it is not an inbox: \(words)")
    }

    /// - message: `key` finds the same message again, nil where none is looked for; `awaits` is 1 while a consumer's
    ///   confirmation is awaited, 2 when one came.
    /// - consumer: a route (`kind` 0) or a follower (1), and the message up to which all is settled.
    /// - delivery: what is to be said of single messages; the states are `DeliveryState`.
    private static let version1 = """
        CREATE TABLE inbox(id INTEGER PRIMARY KEY CHECK (id = 1), name TEXT NOT NULL);
        INSERT INTO inbox VALUES (1, lower(hex(randomblob(8))));
        CREATE TABLE message(
            position INTEGER PRIMARY KEY AUTOINCREMENT, key BLOB, identity TEXT NOT NULL, user TEXT NOT NULL,
            received INTEGER NOT NULL, id TEXT, type INTEGER, awaits INTEGER NOT NULL, size INTEGER NOT NULL,
            content BLOB NOT NULL);
        CREATE INDEX message_key ON message(key) WHERE key IS NOT NULL;
        CREATE TABLE consumer(
            number INTEGER PRIMARY KEY, kind INTEGER NOT NULL, name TEXT NOT NULL, cursor INTEGER NOT NULL,
            active INTEGER NOT NULL, UNIQUE(kind, name));
        CREATE TABLE delivery(
            consumer INTEGER NOT NULL, position INTEGER NOT NULL, state INTEGER NOT NULL, attempts INTEGER NOT NULL,
            at INTEGER NOT NULL, reason TEXT, PRIMARY KEY(consumer, position)) WITHOUT ROWID;
        CREATE INDEX delivery_position ON delivery(position);
        CREATE TABLE ticket(
            identity TEXT PRIMARY KEY, server TEXT NOT NULL, device TEXT NOT NULL, session BLOB NOT NULL,
            key BLOB NOT NULL, iv BLOB NOT NULL, expires INTEGER) WITHOUT ROWID;
        """

    /// - message: `came` is the inbox's own time (`InboxTime`) at which it came; NULL from version 1, which counts as the
    ///   beginning of that time. `received` is for people alone.
    /// - delivery: `at` is the inbox's own time where it is to be tried again; at once for what version 1 had there.
    /// - clock: `InboxTime` as it was when something was last stored, to the minute.
    /// - trial: what is written, and taken out again, to see whether the disk takes messages.
    private static let version2 = """
        ALTER TABLE message ADD COLUMN came INTEGER;
        UPDATE delivery SET at = 0 WHERE state IN \(DeliveryState.sql(.attempted, .returned));
        CREATE TABLE clock(
            id INTEGER PRIMARY KEY CHECK (id = 1), now INTEGER NOT NULL, boot TEXT, uptime INTEGER NOT NULL,
            began INTEGER NOT NULL, began_after INTEGER NOT NULL, agreed_wall INTEGER, agreed_now INTEGER);
        INSERT INTO clock VALUES (1, 0, NULL, 0, 0, 0, NULL, NULL);
        CREATE TABLE trial(id INTEGER PRIMARY KEY, filler BLOB NOT NULL);
        PRAGMA application_id = \(applicationID);
        """

    /// - message: a message with an id of its own is found by that; what has none is found by `key`. Earlier versions gave
    ///   both a key.
    /// - delivery: a reason is no longer than `AttemptResult.longestReason`.
    private static let version3 = """
        CREATE INDEX message_id ON message(id, identity) WHERE id IS NOT NULL;
        UPDATE delivery SET reason = CAST(substr(CAST(reason AS BLOB), 1, \(AttemptResult.longestReason - 3)) AS TEXT) || '…'
            WHERE length(CAST(reason AS BLOB)) > \(AttemptResult.longestReason);
        """

    /// - ticket: `client` is what the handshake said of the client; NULL from earlier versions, which is no client's.
    private static let version4 = "ALTER TABLE ticket ADD COLUMN client TEXT;"

    /// - allocation: the allocator's last good answer. `source` tells its URL without naming it, for that may hold a token.
    /// - consumer: `began` is the message behind which it began, NULL from earlier versions; until `paused`, by the inbox's
    ///   own time, an operator wants nothing handed over to it, NULL for no such wish.
    /// - passage: the consumer had settled all up to `position` at `at`, by the wall clock; a row a second at most.
    private static let version5 = """
        CREATE TABLE allocation(id INTEGER PRIMARY KEY CHECK (id = 1), source TEXT NOT NULL, servers TEXT NOT NULL);
        ALTER TABLE consumer ADD COLUMN began INTEGER;
        ALTER TABLE consumer ADD COLUMN paused INTEGER;
        CREATE TABLE passage(
            position INTEGER NOT NULL, consumer INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY(position, consumer)
        ) WITHOUT ROWID;
        """

    /// - keepalive: the longest silence that a network is known to keep, and the shortest that it forgot, in milliseconds;
    ///   NULL for none. The network with the highest `used` was used last.
    private static let version6 = """
        CREATE TABLE keepalive(
            network TEXT PRIMARY KEY, kept INTEGER, forgotten INTEGER, failures INTEGER NOT NULL, used INTEGER NOT NULL
        ) WITHOUT ROWID;
        """
}
