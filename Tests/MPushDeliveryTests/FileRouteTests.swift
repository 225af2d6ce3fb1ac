import Foundation
import Glibc
import MPushConfiguration
import MPushConnection
import MPushModel
import MPushPlatform
import MPushRouting
import MPushTestSupport
import NIOConcurrencyHelpers
import NIOCore
import Testing

@testable import MPushDelivery

/// Routes to folders.
@Suite(.timeLimit(.minutes(1))) struct FileRouteTests {
    private func route(_ directory: String, mode: UInt32 = 0o640, attempts: Int = 1) -> LoadedRoute {
        LoadedRoute(
            settings: RouteSettings(
                name: "files", target: .file(FileTargetSettings(directory: directory, mode: mode)),
                retry: RetryPolicy(attempts: attempts, shortestWait: .milliseconds(20), longestWait: .seconds(1)),
                start: .oldest))
    }

    @Test func eachMessageIsAFileInNew() async throws {
        let bench = try DeliveryBench()
        defer { bench.remove() }
        let folder = bench.directory.appending(path: "mail")
        try await bench.start([route(folder.path)])
        let stored = try await bench.store(["one", "two"])
        try await bench.wait { $0.consumed == [1, 2] }
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "new").path).sorted()
        #expect(files == stored.map { MaildirFile.name(of: $0, route: "files") }.sorted())
        let contents = try files.map {
            try String(contentsOf: folder.appending(path: "new/\($0)"), encoding: .utf8)
        }
        #expect(Set(contents) == ["one", "two"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "tmp").path).isEmpty)
        let attributes = try FileManager.default.attributesOfItem(
            atPath: folder.appending(path: "new/\(try #require(files.first))").path)
        #expect(attributes[.posixPermissions] as? Int == 0o640)
        try await bench.stop()
    }

    @Test func aMessageThatComesAgainTakesItsOwnPlace() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "mail-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = MaildirFile(
            FileTargetSettings(directory: folder.path), name: "name", content: ByteBuffer(string: "content"),
            files: MachineFiles(), folders: MaildirFolders())
        #expect(file.write() == .confirmed)
        // What a crash left.
        try Data("half".utf8).write(to: folder.appending(path: "tmp/name"))
        #expect(file.write() == .confirmed)
        #expect(
            try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted() == [
                "cur", "new", "new/name", "tmp",
            ])
        #expect(try Data(contentsOf: folder.appending(path: "new/name")) == Data("content".utf8))
    }

    /// Whatever the umask is, and in the group of the folder around it.
    @Test(arguments: [(0o640, 0o770), (0o600, 0o700), (0o644, 0o775), (0o666, 0o775)])
    func whoMayReadTheFilesMayTakeThemOut(mode: UInt32, folders: Int) throws {
        let parent = FileManager.default.temporaryDirectory.appending(path: "mail-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: parent) }
        try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
        #expect(chmod(parent.path, 0o2770) == 0)
        let folder = parent.appending(path: "box")
        #expect(write(FileTargetSettings(directory: folder.path, mode: mode)) == .confirmed)
        for name in ["", "cur", "new", "tmp"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: folder.appending(path: name).path)
            #expect(attributes[.posixPermissions] as? Int == 0o2000 | folders, "\(name)")
        }
        // A folder that is there already keeps what its owner gave it.
        #expect(chmod(folder.path, 0o2750) == 0)
        #expect(write(FileTargetSettings(directory: folder.path, mode: mode)) == .confirmed)
        let attributes = try FileManager.default.attributesOfItem(atPath: folder.path)
        #expect(attributes[.posixPermissions] as? Int == 0o2750)
    }

    /// As a consumer of a maildir does it: another user, who is in the group.
    @Test(.enabled(if: geteuid() == 0 && FileManager.default.fileExists(atPath: "/usr/bin/setpriv")))
    func anotherUserOfTheGroupMovesAndRemovesFiles() throws {
        let parent = FileManager.default.temporaryDirectory.appending(path: "mail-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: parent) }
        try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
        #expect(chown(parent.path, 0, 4712) == 0 && chmod(parent.path, 0o2770) == 0)
        let folder = parent.appending(path: "box").path
        let mask = umask(0o077)
        let result = write(FileTargetSettings(directory: folder))
        umask(mask)
        #expect(result == .confirmed)
        let script = "cd \"$1\" && cat new/name && mv new/name cur/name:2,S && rm cur/name:2,S"
        let member = try BuiltProgram.run(
            "/usr/bin/setpriv",
            ["--reuid", "4711", "--regid", "4712", "--clear-groups", "/bin/sh", "-c", script, "sh", folder])
        #expect(member.status == 0 && member.output == "content", "\(member.complaint)")
        let stranger = try BuiltProgram.run(
            "/usr/bin/setpriv", ["--reuid", "4711", "--regid", "4713", "--clear-groups", "/bin/ls", folder])
        #expect(stranger.status != 0)
    }

    private func write(_ settings: FileTargetSettings) -> AttemptResult {
        MaildirFile(
            settings, name: "name", content: ByteBuffer(string: "content"), files: MachineFiles(),
            folders: MaildirFolders()
        ).write()
    }

    /// The route waits for it, the others do not; what waited is handed over in its order.
    @Test func aFolderThatIsAwayHoldsUpItsRouteAlone() async throws {
        let bench = try DeliveryBench()
        defer { bench.remove() }
        let parent = bench.directory.appending(path: "disk")
        let other = LoadedRoute(
            settings: RouteSettings(
                name: "other", target: .file(FileTargetSettings(directory: bench.directory.path + "/other")),
                start: .oldest))
        try await bench.start([route(parent.path + "/mail"), other])
        try await bench.store(["one", "two"])
        try await bench.wait { stage in
            guard let status = stage.delivery?.status, status.count == 2, status[1].done == 2 else { return false }
            // All at one moment: it waits, and a moment later it tries again.
            return status[0].state == .down && status[0].failures > 2 && status[0].nextAttempt != nil
                && status[0].lastFailure?.contains("no such file or directory") == true
                && status[0].waiting + status[0].running == 2 && status[0].deadLetters == 0
        }
        try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
        try await bench.wait { $0.delivery?.status.first?.done == 2 }
        let files = try FileManager.default.contentsOfDirectory(atPath: parent.path + "/mail/new")
        #expect(files.count == 2)
        #expect(try await bench.withStage { $0.delivery?.status.first?.state } == .idle)
        try await bench.stop()
    }

    /// A name that is not on the disk is gone after a power cut: the message does not count as handed over.
    @Test func aNameThatIsNotOnTheDiskIsNotConfirmed() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "mail-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = UnsyncedFiles(directory: folder.appending(path: "new").path)
        let file = MaildirFile(
            FileTargetSettings(directory: folder.path, mode: 0o600), name: "name",
            content: ByteBuffer(string: "content"),
            files: files, folders: MaildirFolders())
        #expect(file.write() == .unavailable("\(folder.path): \(OSError(EIO, "fsync"))"))
    }

    /// The unit's sandbox is what forbids it, mostly: who reads that learns where to find what helps.
    @Test(arguments: [(EROFS, true), (EACCES, true), (EIO, false)])
    func whatTheSandboxForbidsNamesWhatHelps(number: CInt, isOfTheSandbox: Bool) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "mail-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = MaildirFile(
            FileTargetSettings(directory: folder.path, mode: 0o600), name: "name",
            content: ByteBuffer(string: "content"),
            files: UnsyncedFiles(directory: folder.appending(path: "new").path, number: number),
            folders: MaildirFolders())
        guard case .unavailable(let reason) = file.write() else {
            Issue.record("it was written")
            return
        }
        #expect(reason.contains("mpushd check") == isOfTheSandbox, "\(reason)")
    }

    /// A directory whose own name may not be on the disk would take all its messages with it.
    @Test func aFolderThatWasMadeInVainIsKeptAtTheNextAttempt() throws {
        let parent = FileManager.default.temporaryDirectory
        let folder = parent.appending(path: "mail-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = UnsyncedFiles(directory: MachineFiles.parent(of: folder.path))
        let file = MaildirFile(
            FileTargetSettings(directory: folder.path, mode: 0o600), name: "name",
            content: ByteBuffer(string: "content"),
            files: files, folders: MaildirFolders())
        #expect(file.write() == .unavailable("\(folder.path): \(OSError(EIO, "fsync"))"))
        #expect(FileManager.default.fileExists(atPath: folder.path))
        #expect(file.write() == .unavailable("\(folder.path): \(OSError(EIO, "fsync"))"))
        files.isFailing.withLockedValue { $0 = false }
        #expect(file.write() == .confirmed)
        #expect(
            files.synced.withLockedValue { $0 } == [
                files.directory, folder.path, folder.path, folder.path, folder.path + "/new",
            ])
        #expect(file.write() == .confirmed)
        #expect(files.synced.withLockedValue { $0.count } == 6)
    }

    @Test func aFolderThatCannotBeMadeIsSaidAndTriedAgain() async throws {
        let bench = try DeliveryBench()
        defer { bench.remove() }
        try await bench.start([route("/nonexistent/mail", attempts: 2)])
        try await bench.store(["one"])
        try await bench.wait { $0.results.count == 3 }
        let words = "/nonexistent/mail: mkdir: no such file or directory"
        #expect(
            try await bench.withStage { Array($0.results.prefix(3)) } == Array(repeating: .unavailable(words), count: 3)
        )
        #expect(try await bench.withStage { $0.delivery?.status.first?.deadLetters } == 0)
        try await bench.stop()
    }
}

/// A disk that does not take the names in one directory, for a while.
private struct UnsyncedFiles: FileStore {
    let directory: String
    let number: CInt
    let isFailing = NIOLockedValueBox(true)
    /// The directories that were synced, one by one.
    let synced = NIOLockedValueBox<[String]>([])
    private let files = MachineFiles()

    init(directory: String, number: CInt = EIO) {
        self.directory = directory
        self.number = number
    }

    var databaseFileSystem: String? { files.databaseFileSystem }

    func look(at path: String) throws(OSError) -> FileStatus? { try files.look(at: path) }

    func names(in directory: String) -> [String] { files.names(in: directory) }

    func read(_ path: String, from offset: Int, count: Int) throws(OSError) -> [UInt8] {
        try files.read(path, from: offset, count: count)
    }

    func makeDirectory(_ path: String, mode: UInt32) throws(OSError) {
        let isNew = !isTaken(path)
        try files.makeDirectory(path, mode: mode)
        if isNew, MachineFiles.parent(of: path) == directory, isFailing.withLockedValue({ $0 }) {
            throw OSError(number, "fsync")
        }
    }

    func write(_ content: [UInt8], to path: String, mode: UInt32) throws(OSError) {
        try files.write(content, to: path, mode: mode)
    }

    func rewrite(_ path: String) throws(OSError) { try files.rewrite(path) }

    func makeEmptyFile(_ path: String) throws(OSError) { try files.makeEmptyFile(path) }

    func reserve(_ bytes: Int, at path: String) throws(OSError) { try files.reserve(bytes, at: path) }

    func rename(_ path: String, to target: String) throws(OSError) { try files.rename(path, to: target) }

    func remove(_ path: String) throws(OSError) { try files.remove(path) }

    func syncDirectory(_ path: String) throws(OSError) {
        guard path != directory || !isFailing.withLockedValue({ $0 }) else { throw OSError(number, "fsync") }
        try files.syncDirectory(path)
        synced.withLockedValue { $0.append(path) }
    }

    func room(in directory: String) -> UInt64? { files.room(in: directory) }

    func lock(_ path: String, sign: String) throws(DirectoryLock.Failure) -> any FileLock {
        try files.lock(path, sign: sign)
    }
}
