import CSQLite
import MPushModel
import MPushPlatform
import MPushWorld
import Testing

/// The real SQLite, on a disk that loses its power: what was committed is there.
@Suite struct DatabasePowerCutTests {
    /// What a run of power cuts has shown.
    private struct Course {
        var committed = 0
        var cutsInTheMiddle = 0
        var lost: [Int] = []
        var unsound: [String] = []
    }

    /// Commits, with a power cut after a random number of operations of the disk, again and again.
    private static func run(
        cuts: Int, seed: UInt64, synchronous: TestDatabase.Synchronous, journal: String = "WAL",
        reordersNames: Bool = false
    ) throws -> Course {
        var generator = SplitMix64(seed: seed)
        let disk = SimulatedDisk(seed: seed)
        disk.troubles.reordersNames = reordersNames
        try disk.process("setup").makeDirectory("/state", mode: 0o700)
        var course = Course()
        var next = 1
        var committed: [Int] = []
        for _ in 0..<cuts {
            let process = disk.process("daemon")
            disk.failPower(after: Int.random(in: 0..<60, using: &generator))
            do {
                let database = try TestDatabase(on: process, synchronous: synchronous, journal: journal)
                // Small and large, so that a transaction has one page and several; now and then room comes back.
                for _ in 0..<Int.random(in: 1..<12, using: &generator) {
                    let size = Bool.random(using: &generator) ? 100 : Int.random(in: 0..<12_000, using: &generator)
                    try database.insert(next, size: size)
                    committed.append(next)
                    next += 1
                    if committed.count > 40 {
                        let oldest = committed[10]
                        // Whether it is there after a failure nobody can say.
                        committed.removeAll { $0 < oldest }
                        try database.run("DELETE FROM message WHERE position < \(oldest)")
                    }
                }
            } catch {
                // One that failed may be there as well as not.
                next += 1
                course.cutsInTheMiddle += 1
            }
            disk.powerCut(using: &generator)
            do {
                let database = try TestDatabase(
                    on: disk.process("check"), synchronous: synchronous, journal: journal)
                let positions = Set(try database.positions())
                course.lost += committed.filter { !positions.contains($0) }
                let verdict = try database.integrity()
                if verdict != "ok" { course.unsound.append(verdict) }
            } catch {
                course.unsound.append("\(error)")
            }
            guard course.lost.isEmpty, course.unsound.isEmpty else { break }
        }
        course.committed = next - 1
        return course
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64], [false, true])
    func nothingThatWasCommittedIsLost(seed: UInt64, reordersNames: Bool) throws {
        let course = try Self.run(cuts: 250, seed: seed, synchronous: .full, reordersNames: reordersNames)
        #expect(course.lost == [])
        #expect(course.unsound == [])
        #expect(course.committed > 250 && course.cutsInTheMiddle > 100)
    }

    /// A journal that is rolled back needs its directory synced.
    @Test func aRollbackJournalLosesNothingEither() throws {
        let course = try Self.run(cuts: 500, seed: 5, synchronous: .full, journal: "DELETE", reordersNames: true)
        #expect(course.lost == [])
        #expect(course.unsound == [])
    }

    /// The check can fail.
    @Test(arguments: [TestDatabase.Synchronous.off, .normal])
    func withoutASyncOfEachCommitSomeAreLost(synchronous: TestDatabase.Synchronous) throws {
        let course = try Self.run(cuts: 100, seed: 6, synchronous: synchronous)
        #expect(course.lost != [] || course.unsound != [])
    }

    /// The file system of SQLite draws nothing from elsewhere: not even the salts of the log differ.
    @Test func theSameSeedGivesTheSameBytes() throws {
        var hashes: [UInt64] = []
        for seed in [7, 7, 8] as [UInt64] {
            var generator = SplitMix64(seed: 9)
            let disk = SimulatedDisk(seed: seed)
            try disk.process("setup").makeDirectory("/state", mode: 0o700)
            for round in 0..<20 {
                let database = try TestDatabase(on: disk.process("daemon"))
                for index in 0..<100 { try database.insert(round * 100 + index) }
                disk.powerCut(using: &generator)
            }
            hashes.append(disk.contentHash)
        }
        #expect(hashes[0] == hashes[1])
        #expect(hashes[0] != hashes[2])
    }

    @Test func aCrashLosesNothing() throws {
        let disk = SimulatedDisk(seed: 10)
        try disk.process("setup").makeDirectory("/state", mode: 0o700)
        let process = disk.process("daemon")
        let database = try TestDatabase(on: process, synchronous: .off)
        for position in 1...100 { try database.insert(position) }
        process.crash()
        #expect(throws: TestDatabase.Failure.self) { try database.insert(101) }
        let after = try TestDatabase(on: disk.process("daemon"))
        #expect(try after.positions() == Array(1...100))
        // The old one is closed when the new one runs, as the leftovers of a daemon are.
        database.close()
        try after.insert(101)
        #expect(try after.integrity() == "ok")
    }

    @Test func twoDaemonsExcludeEachOther() throws {
        let disk = SimulatedDisk(seed: 11)
        try disk.process("setup").makeDirectory("/state", mode: 0o700)
        let process = disk.process("first")
        let first = try TestDatabase(on: process)
        try first.insert(1)
        let second = disk.process("second")
        let busy = #expect(throws: TestDatabase.Failure.self) { try TestDatabase(on: second) }
        #expect(busy.map { $0.code & 0xFF } == SQLITE_BUSY)
        first.close()
        #expect(try TestDatabase(on: second).positions() == [1])
    }
}
