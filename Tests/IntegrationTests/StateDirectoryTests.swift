import Foundation
import Glibc
import MPushInbox
import MPushModel
import MPushPlatform
import MPushSystemd
import MPushTestSupport
import Testing

@testable import MPushDaemon

/// One daemon has a state directory at a time, and one that cannot be written is said to be that.
@Suite struct StateDirectoryTests {
    private let place = FileManager.default.temporaryDirectory.appending(path: "state-\(UUID().uuidString)")

    private func take(_ path: String, isService: Bool = false) throws(StateDirectory.Refusal) -> StateDirectory {
        try StateDirectory(
            configured: path, serviceDirectory: nil, program: "mpushd 9", isService: isService, files: MachineFiles())
    }

    private func refusal(_ path: String, isService: Bool = false) -> StateDirectory.Refusal? {
        do throws(StateDirectory.Refusal) {
            _ = try take(path, isService: isService)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [true, false]) func theSecondIsToldWhoHasIt(isService: Bool) throws {
        defer { try? FileManager.default.removeItem(at: place) }
        let first = try take(place.path)
        let refused = try #require(refusal(place.path, isService: isService))
        #expect(refused.exitCode == EX_TEMPFAIL)
        #expect(refused.text.contains("\(place.path) is in use by process \(getpid()) (mpushd 9)"))
        first.lock.release()
        #expect(refusal(place.path) == nil)
    }

    /// What stands in the file is not ours to trust.
    @Test(arguments: ["", String(repeating: "x", count: 4096), "a\u{1B}[2J\nb"]) func theLockFileIsForeign(text: String)
        throws
    {
        defer { try? FileManager.default.removeItem(at: place) }
        let first = try take(place.path)
        try Data(text.utf8).write(to: place.appending(path: "lock"), options: [])
        let refused = try #require(refusal(place.path))
        #expect(refused.text.utf8.count < 600)
        #expect(!refused.text.utf8.contains { $0 < 0x20 })
        withExtendedLifetime(first) {}
    }

    @Test func noProgramInheritsTheLock() throws {
        defer { try? FileManager.default.removeItem(at: place) }
        let state = try take(place.path)
        let held = (0..<1024).filter { descriptor in
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(descriptor)"))?
                .hasSuffix("\(place.lastPathComponent)/lock") == true
        }
        #expect(held.count == 1)
        #expect(held.allSatisfy { fcntl(CInt($0), F_GETFD) & FD_CLOEXEC != 0 })
        withExtendedLifetime(state) {}
    }

    @Test(arguments: ["missing/state", "file/state", "file"]) func whatCannotBeMadeIsSaid(name: String) throws {
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: place) }
        try "".write(to: place.appending(path: "file"), atomically: false, encoding: .utf8)
        let path = place.appending(path: name).path
        let refused = try #require(refusal(path))
        #expect(refused.exitCode == EX_CANTCREAT)
        #expect(refused.text.contains(path))
        // A service goes on: the inbox says what is wrong, for as long as it is.
        #expect(refusal(path, isService: true) == nil)
    }

    @Test(.enabled(if: SmallDisk.isPossible)) func aReadOnlyDiskIsSaid() throws {
        let disk = try #require(SmallDisk(at: place.path, bytes: 1 << 20))
        defer { disk.remove() }
        #expect(disk.setReadOnly(true))
        let refused = try #require(refusal(disk.path + "/state"))
        #expect(refused.exitCode == EX_CANTCREAT)
        #expect(refused.text.contains("read-only file system"))
    }

    /// The first stays online, and what is pushed goes to it.
    @Test func aSecondDaemonDoesNotConnect() async throws {
        try await Workplace.run(Workplace(isWhole: true)) { place in
            try await place.start()
            try await place.online()
            let program = try BuiltProgram.url("mpushd").path
            let second = try BuiltProgram.run(
                "/usr/bin/timeout", ["20", program, "run", "--config", place.file("mpushd.toml").path])
            #expect(second.status == EX_TEMPFAIL, "\(second.complaint)")
            #expect(second.complaint.contains("is in use by process \(getpid()) (test)"))
            #expect(try await place.isAcknowledged("x"))
            #expect(!place.sink.records.contains { $0.event == .connectionLost })
        }
    }
}
