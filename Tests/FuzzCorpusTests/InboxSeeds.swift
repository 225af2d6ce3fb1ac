import Foundation
import MPushConfiguration
import MPushModel
import MPushPlatform
import MPushSession
import NIOCore

@testable import MPushInbox

/// Inboxes with something in each table, in pages so small that a file has several, and what becomes of them in bad hands.
enum InboxSeeds {
    static func all() throws -> [Seed] {
        let whole = try made { _ in }
        let changed = try changes.map { name, sql in Seed(name: name, bytes: try made { try $0.execute(sql) }) }
        var scribbled = whole
        for index in stride(from: 1030, to: scribbled.count, by: 97) { scribbled[index] ^= 0x11 }
        return changed + [
            Seed(name: "whole", bytes: whole), Seed(name: "cut", bytes: Array(whole.prefix(whole.count / 2))),
            Seed(name: "scribbled", bytes: scribbled), Seed(name: "empty", bytes: []),
            Seed(name: "version-1", bytes: try version1()),
        ]
    }

    private static let changes = [
        "far-position": "UPDATE sqlite_sequence SET seq = 9223372036854775807",
        "odd-cells": """
        UPDATE message SET size = -9223372036854775807, came = 'x', received = 1e300, type = 'x', identity = 7;
        UPDATE consumer SET cursor = 9223372036854775807; UPDATE clock SET now = -1, uptime = 9223372036854775807;
        UPDATE delivery SET attempts = 9223372036854775807, at = -5, reason = x'00'
        """,
        "schema": """
        CREATE TRIGGER t AFTER INSERT ON message BEGIN DELETE FROM message; END;
        CREATE VIEW v AS SELECT * FROM message; DROP TABLE ticket
        """,
        "free-pages": "DELETE FROM message WHERE position < 4; DELETE FROM delivery",
    ]

    private static func inDirectory(_ body: (String) throws -> Void) throws -> [UInt8] {
        let directory = FileManager.default.temporaryDirectory.appending(path: "seed-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let file = directory.appending(path: "inbox.db")
        try body(file.path)
        return Array(try Data(contentsOf: file))
    }

    private static func version1() throws -> [UInt8] {
        try inDirectory { path in
            let database = try Database(path: path, in: MachineFiles())
            defer { database.close() }
            try database.execute("PRAGMA page_size = 512")
            try Schema.migrate(database, from: 0, to: 1)
            try database.execute(
                """
                INSERT INTO message VALUES (1, NULL, 'home', 'alice', 1795600000000, 'a', NULL, 0, 1, 'x');
                INSERT INTO consumer(number, kind, name, cursor, active) VALUES (1, 0, 'r', 0, 1);
                INSERT INTO delivery VALUES (1, 1, 2, 5, 1795600300000, NULL)
                """)
        }
    }

    private static func made(_ change: (Database) throws -> Void) throws -> [UInt8] {
        try inDirectory { path in
            var database = try Database(path: path, in: MachineFiles())
            try database.execute("PRAGMA page_size = 512")
            try Schema.migrate(database, from: 0, to: Schema.current)
            database.close()
            let clock = ClockReading(
                wall: WallTime(millisecondsSince1970: 1_795_600_000_000), boot: Instant(sinceBoot: .seconds(9)),
                bootID: "boot")
            let store = try InboxStore(path: path, in: MachineFiles(), at: clock) { _, _ in }
            try fill(store, at: clock.wall)
            store.close()
            database = try Database(path: path, in: MachineFiles())
            try change(database)
            try database.execute("PRAGMA journal_mode = DELETE")
            database.close()
        }
    }

    private static func fill(_ store: InboxStore, at time: WallTime) throws {
        let route = ConsumerName.route("r")
        _ = try store.open(route, fromOldest: true)
        let contents = [#"{"msgId":"a","msgType":1}"#, "text", String(repeating: "long ", count: 200), "four", "five"]
        _ = try store.store(
            contents.map {
                NewMessage(
                    identity: "home", user: "alice", received: time, content: ByteBuffer(string: $0),
                    awaitsConsumer: false)
            }, settings: InboxSettings())
        func position(_ number: Int64) -> MessagePosition { MessagePosition(rawValue: number) }
        _ = try store.record(
            [
                .advanced(to: position(1)), .attempted(position(2), attempts: 1, wait: .seconds(9)),
                .buried(position(3), attempts: 3, reason: "no"), .settled(position(4)),
            ], of: route)
        guard let keys = CipherKeys(key: SecretBytes(Array(0..<16)), iv: SecretBytes(Array(0..<16))) else { return }
        let ticket = SessionTicket(
            sessionID: SecretBytes([1, 2]), keys: keys, deviceID: "device", client: "linux", expires: time)
        try store.keep(StoredTicket(identity: "home", serverKey: "key", ticket: ticket), of: "home")
    }
}
