import Foundation
import MPushPlatform
import Testing

@testable import MPushInbox

/// What SQLite drops of a log, by a log that it has written and by what it finds in it afterwards.
@Suite struct WriteAheadLogTests {
    /// Transactions of one row each, as the process leaves them that dies.
    private func withLog(
        rows sizes: [Int] = Array(repeating: 3000, count: 10), _ body: (_ database: URL, _ log: [UInt8]) throws -> Void
    ) throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "log-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let (whole, copy) = (directory.appending(path: "whole"), directory.appending(path: "copy"))
        let database = try Database(path: whole.path, in: MachineFiles())
        try database.execute("PRAGMA journal_mode = WAL; CREATE TABLE t (x)")
        try database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for size in sizes { try database.execute("INSERT INTO t VALUES (randomblob(\(size)))") }
        let log = [UInt8](try Data(contentsOf: URL(filePath: whole.path + "-wal")))
        try FileManager.default.copyItem(at: whole, to: copy)
        database.close(keepsLog: true)
        try body(copy, log)
    }

    private func look(_ log: [UInt8], at database: URL) throws -> WriteAheadLog.Finding {
        let path = database.path + "-wal"
        try Data(log).write(to: URL(filePath: path))
        return try WriteAheadLog.look(at: path, of: log.count, in: MachineFiles())
    }

    private func withPageSize(_ size: UInt32, _ log: [UInt8]) -> [UInt8] {
        var log = log
        withUnsafeBytes(of: size.bigEndian) { log.replaceSubrange(8..<12, with: $0) }
        var sums: (UInt32, UInt32) = (0, 0)
        for offset in stride(from: 0, to: 24, by: 8) {
            let words = [offset, offset + 4].map { start in
                log[start..<start + 4].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            }
            sums.0 = sums.0 &+ words[0] &+ sums.1
            sums.1 = sums.1 &+ words[1] &+ sums.0
        }
        withUnsafeBytes(of: sums.0.bigEndian) { log.replaceSubrange(24..<28, with: $0) }
        withUnsafeBytes(of: sums.1.bigEndian) { log.replaceSubrange(28..<32, with: $0) }
        return log
    }

    /// How many rows SQLite finds, after the look.
    private func rows(_ database: URL) throws -> Int {
        let opened = try Database(path: database.path, in: MachineFiles())
        defer { opened.close(keepsLog: false) }
        return Int(try opened.number("SELECT count(*) FROM t") ?? 0)
    }

    @Test func aWholeLogHasNothingToDrop() throws {
        try withLog { database, log in
            let (finding, rows) = (try look(log, at: database), try rows(database))
            #expect(finding == .log(dropped: .init()))
            #expect(rows == 10)
        }
    }

    /// A flipped bit anywhere: what is counted is what SQLite does not find.
    @Test func aFlippedBitDropsWhatSQLiteDrops() throws {
        for part in 0..<40 {
            try withLog { database, log in
                var log = log
                log[32 + (log.count - 33) * part / 39] ^= 1
                guard case .log(let dropped) = try look(log, at: database) else {
                    Issue.record("no log")
                    return
                }
                let rows = try rows(database)
                #expect(dropped.transactions == 10 - rows)
                #expect((1...log.count).contains(dropped.bytes))
            }
        }
    }

    /// No transaction is taken in part: all its pages count, in which there may be many messages.
    @Test func aBitInTheLastPageDropsAllOfItsTransaction() throws {
        for sizes in [[200_000], [3000, 200_000]] {
            try withLog(rows: sizes) { database, log in
                var log = log
                log[log.count - 1] ^= 1
                guard case .log(let dropped) = try look(log, at: database) else {
                    Issue.record("no log")
                    return
                }
                let rows = try rows(database)
                #expect(dropped.transactions == 1 && rows == sizes.count - 1)
                #expect((200_000..<log.count - 3000 * rows).contains(dropped.bytes))
            }
        }
    }

    /// Cut off anywhere: what is not there any more cannot be counted.
    @Test func aLogThatIsCutOffHasNothingToDrop() throws {
        try withLog { database, log in
            for length in stride(from: 33, to: log.count, by: 1111) {
                let finding = try look(Array(log.prefix(length)), at: database)
                #expect(finding == .log(dropped: .init()))
            }
        }
    }

    @Test func whatIsNoLogIsNone() throws {
        try withLog { database, log in
            for index in 0..<32 {
                var log = log
                log[index] ^= 0x10
                let finding = try look(log, at: database)
                #expect(finding == .none)
            }
            let empty = try look([UInt8](repeating: 0, count: 5000), at: database)
            #expect(empty == .none)
            // A length of pages that none has, with the checksum that belongs to it.
            for size: UInt32 in [0, 256, 4097, 131_072, .max] {
                let finding = try look(withPageSize(size, log), at: database)
                #expect(finding == .none)
            }
            let finding = try look(withPageSize(4096, log), at: database)
            #expect(finding == .log(dropped: .init()))
        }
    }
}
