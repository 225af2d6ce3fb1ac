import Glibc
import MPushModel
import MPushPlatform
import MPushWorld
import Testing

/// The disk itself: what is there after a power cut, and what fails.
@Suite struct SimulatedDiskTests {
    private let disk = SimulatedDisk(seed: 1)

    private func number(_ body: () throws -> Void) -> CInt? {
        do {
            try body()
            return nil
        } catch {
            return (error as? OSError)?.number
        }
    }

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    /// How often a message is missing or torn after a power cut, of 200.
    private func missing(isSyncingDirectory: Bool, reordersNames: Bool) throws -> Int {
        let content = [UInt8](repeating: 7, count: 10_000)
        var count = 0
        for seed in 0..<200 as Range<UInt64> {
            var generator = SplitMix64(seed: seed)
            let disk = SimulatedDisk(seed: seed)
            disk.troubles.reordersNames = reordersNames
            let process = disk.process("daemon")
            for directory in ["/mail", "/mail/tmp", "/mail/new"] { try process.makeDirectory(directory, mode: 0o700) }
            try process.write(content, to: "/mail/tmp/1", mode: 0o600)
            try process.rename("/mail/tmp/1", to: "/mail/new/1")
            if isSyncingDirectory { try process.syncDirectory("/mail/new") }
            disk.powerCut(using: &generator)
            let after = disk.process("daemon")
            if after.status(of: "/mail/new/1")?.size != 10_000 { count += 1 }
            let isMoved = after.names(in: "/mail/new") == ["1"]
            #expect(!isMoved || after.names(in: "/mail/tmp").isEmpty, "two names")
            if isMoved { #expect(try after.read("/mail/new/1", first: 20_000) == content) }
        }
        return count
    }

    @Test(arguments: [false, true])
    func aMessageOfAMaildirIsThereOnceItsDirectoryIsSynced(reordersNames: Bool) throws {
        #expect(try missing(isSyncingDirectory: true, reordersNames: reordersNames) == 0)
        let count = try missing(isSyncingDirectory: false, reordersNames: reordersNames)
        #expect(count > 20 && count < 180)
    }

    /// A renaming is there as a whole or not at all: what had a durable name has one.
    @Test(arguments: [false, true])
    func aRenamingLosesNoFile(reordersNames: Bool) throws {
        for seed in 0..<200 as Range<UInt64> {
            var generator = SplitMix64(seed: seed)
            let disk = SimulatedDisk(seed: seed)
            disk.troubles.reordersNames = reordersNames
            let process = disk.process("daemon")
            for directory in ["/a", "/b"] { try process.makeDirectory(directory, mode: 0o700) }
            try process.write([1], to: "/a/1", mode: 0o600)
            try process.syncDirectory("/a")
            for index in 1..<5 {
                try process.rename("/a/\(index)", to: "/b/\(index)")
                try process.rename("/b/\(index)", to: "/a/\(index + 1)")
            }
            disk.powerCut(using: &generator)
            #expect(disk.paths.count == 1)
        }
    }

    /// Without a sync of the file the name may be there and the content not.
    @Test func whatWasNotSyncedIsKeptLostOrTorn() throws {
        var sizes: Set<Int> = []
        var zeroes: Set<Int> = []
        for seed in 0..<300 as Range<UInt64> {
            var generator = SplitMix64(seed: seed)
            let disk = SimulatedDisk(seed: seed)
            let process = disk.process("daemon")
            try process.makeEmptyFile("/lock")
            try process.syncDirectory("/")
            _ = try process.lock("/lock", sign: String(repeating: "x", count: 5_999))
            disk.powerCut(using: &generator)
            let content = try #require(disk.content(of: "/lock"))
            sizes.insert(content.count)
            zeroes.insert(content.count { $0 == 0 })
        }
        #expect(sizes == [0, 6_000])
        #expect(zeroes.isSuperset(of: [0, 4_096, 1_904, 6_000]), "whole pages are kept or lost")
        #expect(zeroes.contains { $0 % 512 == 0 && $0 % 4_096 != 0 }, "pages are torn between sectors")
    }

    @Test func aDirectoryThatWasMadeIsThere() throws {
        var generator = SplitMix64(seed: 1)
        try disk.process("daemon").makeDirectory("/a", mode: 0o700)
        try disk.process("daemon").makeDirectory("/a/b", mode: 0o700)
        disk.powerCut(using: &generator)
        #expect(disk.process("daemon").status(of: "/a/b")?.isFile == false)
    }

    @Test func filesAreFound() throws {
        let process = disk.process("daemon")
        try process.makeDirectory("/a/", mode: 0o700)
        try process.makeDirectory("/a", mode: 0o700)
        try process.write(bytes("one"), to: "/a/1", mode: 0o600)
        #expect(try process.read("/a/1", first: 2) == bytes("on"))
        #expect(number { try process.write([], to: "/a/1", mode: 0o600) } == EEXIST)
        #expect(number { _ = try process.read("/a/2", first: 2) } == ENOENT)
        #expect(number { _ = try process.read("/a", first: 2) } == EISDIR)
        #expect(number { try process.makeEmptyFile("/b/1") } == ENOENT)
        let inode = try #require(process.status(of: "/a/1")?.inode)
        try process.write(bytes("two"), to: "/a/2", mode: 0o600)
        try process.rename("/a/1", to: "/a/2")
        #expect(process.status(of: "/a/2") == FileStatus(isFile: true, size: 3, inode: inode))
        #expect(process.names(in: "/a") == ["2"])
        try process.remove("/a/2")
        #expect(number { try process.remove("/a/2") } == ENOENT)
        #expect(disk.paths == [])
    }

    @Test func aFullDiskTakesNothing() throws {
        let process = disk.process("daemon")
        disk.troubles.capacity = 4 * 4_096
        #expect(process.room(in: "/") == 16_384)
        try process.reserve(8_192, at: "/reserve")
        #expect(process.room(in: "/") == 4_096)
        #expect(number { try process.reserve(1, at: "/more") } == ENOSPC)
        #expect(number { try process.write([1], to: "/more", mode: 0o600) } == ENOSPC)
        #expect(process.names(in: "/") == ["reserve"])
        try process.makeEmptyFile("/empty")
        #expect(number { try process.makeEmptyFile("/other") } == ENOSPC)
        try process.remove("/reserve")
        #expect(process.room(in: "/") == 12_288)
        try process.write([UInt8](repeating: 1, count: 8_192), to: "/more", mode: 0o600)
        #expect(process.room(in: "/") == 0)
    }

    @Test func aPowerCutGivesBackTheRoomOfWhatIsGone() throws {
        disk.troubles.capacity = 1 << 20
        let process = disk.process("daemon")
        try process.write([1], to: "/1", mode: 0o600)
        try process.syncDirectory("/")
        var generator = SplitMix64(seed: 1)
        disk.powerCut(using: &generator)
        #expect(disk.process("daemon").room(in: "/") == 1_040_384)
    }

    @Test func failuresComeAsTheyAreSet() throws {
        let process = disk.process("daemon")
        disk.fail(.write, after: 1)
        try process.write([1], to: "/1", mode: 0o600)
        #expect(number { try process.write([1], to: "/2", mode: 0o600) } == EIO)
        try process.write([1], to: "/3", mode: 0o600)
        #expect(disk.paths == ["/1", "/3"])
        disk.troubles.isReadOnly = true
        #expect(number { try process.makeEmptyFile("/4") } == EROFS)
        #expect(try process.read("/1", first: 1) == [1])
        disk.troubles.isReadOnly = false
        disk.troubles.syncFailures = 0.5
        var failures = 0
        for _ in 0..<200 where number({ try process.syncDirectory("/") }) == EIO { failures += 1 }
        #expect(failures > 60 && failures < 140)
        disk.troubles.readFailures = 1
        #expect(number { _ = try process.read("/1", first: 1) } == EIO)
    }

    @Test func aLockKeepsOthersOutUntilItsHolderIsGone() throws {
        let (first, second) = (disk.process("first"), disk.process("second"))
        let lock = try first.lock("/lock", sign: "process 1 (mpushd)")
        #expect(throws: DirectoryLock.Failure.held(by: "process 1 (mpushd)")) { try second.lock("/lock", sign: "") }
        lock.release()
        let other = try second.lock("/lock", sign: "process 2")
        #expect(throws: DirectoryLock.Failure.held(by: "process 2")) { try first.lock("/lock", sign: "") }
        second.crash()
        #expect(!second.isAlive && first.isAlive)
        let third = try first.lock("/lock", sign: "process 1")
        // What is left of the dead one lifts no lock of the living.
        other.release()
        #expect(throws: DirectoryLock.Failure.held(by: "process 1")) {
            try disk.process("fourth").lock("/lock", sign: "")
        }
        var generator = SplitMix64(seed: 1)
        disk.powerCut(using: &generator)
        #expect(!first.isAlive)
        let fifth = try disk.process("fifth").lock("/lock", sign: "")
        third.release()
        #expect(throws: DirectoryLock.Failure.self) { try disk.process("sixth").lock("/lock", sign: "") }
        fifth.release()
    }

    @Test func aDeadProcessGetsNoAnswer() throws {
        let process = disk.process("daemon")
        try process.makeEmptyFile("/1")
        process.crash()
        #expect(number { try process.makeEmptyFile("/2") } == ENODEV)
        #expect(process.status(of: "/1") == nil && process.names(in: "/") == [] && process.room(in: "/") == nil)
        #expect(disk.paths == ["/1"])
    }

    @Test func thePowerFailsInTheMiddle() throws {
        let process = disk.process("daemon")
        disk.failPower(after: 2)
        #expect(number { try process.write([1], to: "/1", mode: 0o600) } == ENODEV)
        #expect(disk.isDown && process.status(of: "/1") == nil)
        var generator = SplitMix64(seed: 1)
        disk.powerCut(using: &generator)
        #expect(!disk.isDown)
        try disk.process("daemon").makeEmptyFile("/2")
    }
}
