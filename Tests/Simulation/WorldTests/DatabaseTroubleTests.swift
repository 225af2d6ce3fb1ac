import CSQLite
import Glibc
import MPushModel
import MPushPlatform
import MPushWorld
import Testing

/// The real SQLite, on a disk with troubles.
@Suite struct DatabaseTroubleTests {
    private let disk = SimulatedDisk(seed: 1)

    init() throws {
        try disk.process("setup").makeDirectory("/state", mode: 0o700)
    }

    private func code(_ body: () throws -> Void) -> CInt? {
        do {
            try body()
            return nil
        } catch {
            return (error as? TestDatabase.Failure)?.code
        }
    }

    /// Each operation of a course fails once, each in a course of its own: what was committed is there, and it goes on.
    @Test(arguments: [
        (DiskOperation.write, ENOSPC), (.write, EIO), (.sync, EIO), (.read, EIO), (.name, ENOSPC), (.name, EIO),
    ])
    func oneFailureDamagesNothing(operation: DiskOperation, errorNumber: CInt) throws {
        for count in 0..<150 {
            let disk = SimulatedDisk(seed: UInt64(count))
            try disk.process("setup").makeDirectory("/state", mode: 0o700)
            disk.fail(operation, after: count, with: errorNumber)
            var committed: [Int] = []
            var database: TestDatabase?
            for position in 0..<40 {
                do {
                    if database == nil { database = try TestDatabase(on: disk.process("daemon")) }
                    try database?.insert(position, size: 3_000)
                    committed.append(position)
                } catch {
                    // As the inbox does: what is unsure is opened anew.
                    database?.close()
                    database = nil
                }
            }
            database?.close()
            disk.cancelFailures()
            let after = try TestDatabase(on: disk.process("check"))
            let positions = Set(try after.positions())
            #expect(committed.filter { !positions.contains($0) } == [], "the failure after \(count)")
            #expect(try after.integrity() == "ok", "the failure after \(count)")
        }
    }

    @Test func aFullDiskSaysSoForAsLongAsItIsFull() throws {
        let database = try TestDatabase(on: disk.process("daemon"))
        disk.troubles.capacity = 64 << 10
        var stored = 0
        while code({ try database.insert(stored, size: 3_000) }) == nil { stored += 1 }
        #expect(stored > 1 && stored < 20)
        for _ in 0..<3 { #expect(code { try database.insert(stored, size: 3_000) } == SQLITE_FULL) }
        disk.troubles.capacity = nil
        try database.insert(stored, size: 3_000)
        #expect(try database.positions() == Array(0...stored))
        #expect(try database.integrity() == "ok")
    }

    @Test func aDiskThatCannotBeWrittenSaysSo() throws {
        let database = try TestDatabase(on: disk.process("daemon"))
        try database.insert(1)
        disk.troubles.isReadOnly = true
        #expect(code { try database.insert(2) }.map { $0 & 0xFF } == SQLITE_IOERR)
        #expect(try database.positions() == [1])
        disk.troubles.isReadOnly = false
        try database.insert(3)
        #expect(try database.positions() == [1, 3])
    }

    @Test func aReadThatFailsIsDamageOfTheFileSystem() throws {
        let database = try TestDatabase(on: disk.process("daemon"))
        for position in 0..<400 { try database.insert(position, size: 3_000) }
        disk.troubles.readFailures = 1
        #expect(code { _ = try database.column("SELECT content FROM message") }.map { $0 & 0xFF } == SQLITE_CORRUPT)
        disk.troubles.readFailures = 0
        #expect(try database.positions().count == 400)
    }

    /// After a failed sync the next one succeeds, and has written nothing: a commit that builds upon it is lost with it. A
    /// sync that can be repeated loses nothing.
    @Test(arguments: [false, true])
    func aFailedSyncLosesWhatItShouldHaveWritten(losesPages: Bool) throws {
        var losses = 0
        for seed in 0..<40 as Range<UInt64> {
            let disk = SimulatedDisk(seed: seed)
            disk.troubles.failedSyncsLosePages = losesPages
            let process = disk.process("daemon")
            try process.makeDirectory("/state", mode: 0o700)
            let database = try TestDatabase(on: process)
            try database.run("PRAGMA synchronous = OFF")
            try database.insert(1)
            try database.run("PRAGMA synchronous = FULL")
            disk.fail(.sync, after: 0)
            #expect(code { try database.insert(2) } == SQLITE_IOERR | 4 << 8)
            try database.insert(3)
            #expect(try database.positions().contains(3), "it reads as before")
            var generator = SplitMix64(seed: seed)
            disk.powerCut(using: &generator)
            if try !TestDatabase(on: disk.process("check")).positions().contains(3) { losses += 1 }
        }
        #expect(losesPages ? losses == 40 : losses == 0)
    }

    @Test func syncsThatHangAreCounted() throws {
        let database = try TestDatabase(on: disk.process("daemon"))
        #expect(disk.counts.hungSyncs == 0)
        disk.troubles.isHanging = true
        try database.insert(1)
        #expect(disk.counts.hungSyncs > 0)
    }
}
