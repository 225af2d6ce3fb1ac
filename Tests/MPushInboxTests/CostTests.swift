import CSQLite
import Foundation
import MPushConfiguration
import MPushModel
import MPushPlatform
import NIOCore
import Testing

@testable import MPushInbox

/// What a message costs does not grow with what waits, is kept or lies dead: the steps of SQLite's machine are counted, in an
/// inbox with a thousand of them and in one with a hundred thousand or a million.
@Suite struct CostTests {
    private static let route = ConsumerName.route("r")

    /// Counts the steps of a connection's statements.
    private final class Steps {
        var count = 0
    }

    /// An inbox with `messages`, the first `dead` of them dead letters of the route, which has settled `settled`.
    private func withStore(
        messages: Int, dead: Int, settled: Int, _ body: (InboxStore, (() throws -> Void) throws -> Int) throws -> Void
    ) throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "cost-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let path = directory.appending(path: "inbox.db").path
        let database = try Database(path: path, in: MachineFiles())
        try database.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY")
        try Schema.migrate(database, from: 0, to: Schema.current)
        try database.execute(
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(messages))
            INSERT INTO message(identity, user, received, id, awaits, size, content, came)
            SELECT 'home', 'alice', 1795600000000, 'm' || i, 0, 1, 'x', i FROM n;
            INSERT INTO consumer(number, kind, name, cursor, active) VALUES (1, 0, 'r', \(settled), 1);
            INSERT INTO delivery SELECT 1, position, 3, 9, 0, 'no' FROM message WHERE position <= \(dead);
            UPDATE clock SET now = \(messages)
            """)
        database.close()
        let reading = ClockReading(
            wall: WallTime(millisecondsSince1970: 1_795_600_000_000), boot: Instant(sinceBoot: .seconds(1000)),
            bootID: "b")
        let store = try InboxStore(path: path, in: MachineFiles(), at: reading) { _, _ in }
        defer { store.close() }
        let steps = Steps()
        let context = Unmanaged.passUnretained(steps).toOpaque()
        sqlite3_progress_handler(
            store.database.handle.pointer, 1,
            { context in
                if let context { Unmanaged<Steps>.fromOpaque(context).takeUnretainedValue().count += 1 }
                return 0
            }, context)
        try store.database.execute("BEGIN IMMEDIATE")
        try body(store) { work in
            let before = steps.count
            try work()
            return steps.count - before
        }
        try withExtendedLifetime(steps) { try store.database.execute("COMMIT") }
        sqlite3_progress_handler(store.database.handle.pointer, 0, nil, nil)
    }

    private func message(_ text: String) -> NewMessage {
        NewMessage(
            identity: "home", user: "alice", received: WallTime(millisecondsSince1970: 1_795_600_000_000),
            content: ByteBuffer(string: text), awaitsConsumer: false)
    }

    private func position(_ number: Int) -> MessagePosition { MessagePosition(rawValue: Int64(number)) }

    private func expectAlike(
        _ small: [String: Int], _ large: [String: Int], location: Testing.SourceLocation = #_sourceLocation
    ) {
        for (name, steps) in large {
            let few = small[name] ?? 0
            #expect(steps <= 2 * few + 200, "\(name): \(few) steps, then \(steps)", sourceLocation: location)
        }
    }

    /// An inbox that is full of dead letters: everything that is done with it, apart from what is asked of all of them.
    private func costs(dead: Int) throws -> [String: Int] {
        var costs: [String: Int] = [:]
        var settings = InboxSettings()
        settings.maximumMessages = dead
        try withStore(messages: dead, dead: dead, settled: dead) { store, steps in
            // All dead letters are passed by once.
            #expect(try store.store([message("first")], settings: settings) == [.full])
            costs["refuse"] = try steps {
                let outcomes = try store.store([message("new")], settings: settings)
                #expect(outcomes == [.full])
            }
            costs["look for room"] = try steps { try store.lookForRoom(settings: settings) }
            costs["prune"] = try steps {
                store.lastPruning = nil
                try store.removeOld(settings: InboxSettings())
            }
            costs["page of dead letters"] = try steps {
                let page = try store.deadLetters(DeadLetterQuery(after: position(dead / 2), limit: 10))
                #expect(page.deadLetters.count == 10 && page.next != nil)
            }
            costs["page of a route's dead letters"] = try steps {
                let page = try store.deadLetters(DeadLetterQuery(route: "r", after: position(dead / 2), limit: 10))
                #expect(page.deadLetters.count == 10 && page.next != nil)
            }
            costs["send one again"] = try steps {
                let returned = try store.returnDeadLetters([position(dead)], of: Self.route)
                #expect(returned == [position(dead)])
            }
            costs["try it in vain"] = try steps {
                _ = try store.record([.attempted(position(dead), attempts: 1, wait: .seconds(1))], of: Self.route)
            }
            costs["settle it"] = try steps {
                _ = try store.record([.consumed(position(dead)), .settled(position(dead))], of: Self.route)
            }
            costs["discard one"] = try steps {
                let discarded = try store.discardDeadLetters([position(dead - 1)], of: Self.route)
                #expect(discarded == 1)
            }
            // Two have made room.
            costs["store"] = try steps {
                guard case .stored = try store.store([message("last")], settings: settings)[0] else {
                    Issue.record("no room")
                    return
                }
            }
            costs["advance"] = try steps {
                _ = try store.record([.advanced(to: position(dead + 1))], of: Self.route)
            }
            costs["bury"] = try steps {
                _ = try store.record([.buried(position(dead + 1), attempts: 1, reason: "no")], of: Self.route)
            }
            #expect(store.tally.consumers[Self.route]?.consumer.deadLetters == dead - 1)
        }
        return costs
    }

    @Test func deadLettersCostNothingButWhatIsAskedOfThem() throws {
        expectAlike(try costs(dead: 1000), try costs(dead: 100_000))
    }

    /// Sending all again, and discarding all, is so much for each.
    @Test(arguments: [true, false])
    func whatIsAskedOfAllGrowsWithThem(again: Bool) throws {
        var costs: [Int] = []
        for dead in [1000, 10_000] {
            try withStore(messages: dead, dead: dead, settled: dead) { store, steps in
                costs.append(
                    try steps {
                        if again {
                            let returned = try store.returnDeadLetters(nil, of: Self.route)
                            #expect(returned?.count == dead)
                            for number in 1...dead {
                                _ = try store.record([.settled(position(number))], of: Self.route)
                            }
                        } else {
                            let discarded = try store.discardDeadLetters(nil, of: Self.route)
                            #expect(discarded == dead)
                        }
                        // Each minute of the while.
                        for _ in 0..<dead / 100 {
                            store.lastPruning = nil
                            try store.removeOld(settings: InboxSettings())
                        }
                    })
                #expect(store.tally.consumers[Self.route]?.consumer.deadLetters == 0)
            }
        }
        #expect(costs[1] < 15 * costs[0], "\(costs)")
    }

    /// Messages that are kept because they wait, or for show.
    private func costs(messages: Int) throws -> [String: Int] {
        var costs: [String: Int] = [:]
        var settings = InboxSettings()
        settings.maximumMessages = 2 * messages
        try withStore(messages: messages, dead: 0, settled: messages / 2) { store, steps in
            costs["store"] = try steps { _ = try store.store([message("new")], settings: settings) }
            costs["store with an id"] = try steps {
                _ = try store.store([message(#"{"msgId":"new"}"#)], settings: settings)
            }
            costs["prune"] = try steps {
                store.lastPruning = nil
                try store.removeOld(settings: settings)
            }
            for id in ["m\(messages / 2)", "nosuch", "\(store.name)-7"] {
                costs["messages with id \(id.prefix(1))"] = try steps {
                    let found = try store.messages(MessageQuery(id: id)).messages
                    #expect(found.count == (id == "nosuch" ? 0 : 1))
                }
            }
            costs["a page"] = try steps {
                let page = try store.messages(MessageQuery(after: position(messages / 2)))
                #expect(page.messages.count == 100)
            }
            costs["the newest"] = try steps {
                let page = try store.messages(MessageQuery(isNewestFirst: true))
                #expect(page.messages.count == 100)
            }
        }
        return costs
    }

    @Test func messagesThatAreKeptCostNothing() throws {
        expectAlike(try costs(messages: 1000), try costs(messages: 1_000_000))
    }

    /// Looking for what is rare is done in steps, between which others have their turn.
    @Test func lookingForWhatIsRareIsDoneInSteps() throws {
        try withStore(messages: 100_000, dead: 10, settled: 100_000) { store, steps in
            for query in [
                MessageQuery(identity: "nobody"), MessageQuery(identity: "nobody", isNewestFirst: true),
                MessageQuery(after: position(10), consumer: Self.route, state: .dead),
                MessageQuery(consumer: Self.route, state: .pending),
            ] {
                var page = MessagePage(messages: [])
                let cost = try steps { page = try store.messages(query) }
                #expect(cost < 400_000, "\(query): \(cost)")
                #expect(page.messages.isEmpty)
                let next = try #require(page.next)
                #expect(query.isNewestFirst ? next < position(95_000) : next > position(5000))
            }
        }
    }

    /// Long messages that are kept are not read to see how old they are.
    @Test func longMessagesThatAreKeptAreNotRead() throws {
        try withStore(messages: 2, dead: 0, settled: 1) { store, _ in
            let statement = try store.database.prepare(
                """
                INSERT INTO message(identity, user, received, awaits, size, content, came)
                VALUES ('home', 'alice', 1795600000000, 0, 1, zeroblob(100000), ?1)
                """)
            for number in 1...300 { try statement.bind(1, Int64(number + 100)).run() }
            statement.finish()
            try store.database.execute("COMMIT; UPDATE consumer SET cursor = 302")
            store.tally.change(Self.route) { $0.cursor = position(302) }
            try store.database.execute("BEGIN IMMEDIATE")
            for time in [Int64(1), 50] {
                let before = pagesRead(store)
                store.lastPruning = nil
                _ = try store.removeSettled(before: time)
                try store.removeOld(settings: InboxSettings())
                // A message of 100 kB is 25 pages.
                #expect(pagesRead(store) - before < 150, "before \(time)")
            }
        }
    }

    private func pagesRead(_ store: InboxStore) -> Int {
        var (current, highest): (CInt, CInt) = (0, 0)
        sqlite3_db_status(store.database.handle.pointer, SQLITE_DBSTATUS_CACHE_MISS, &current, &highest, 0)
        return Int(current)
    }
}
