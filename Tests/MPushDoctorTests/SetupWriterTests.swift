import Glibc
import MPushConfiguration
import MPushDoctor
import MPushModel
import MPushPlatform
import MPushTestSupport
import Testing

/// What `mpushd init` leaves of files, and for whom.
@Suite struct SetupWriterTests {
    private static let group: gid_t = 12_345
    private let directory: TemporaryDirectory
    private let writer = SetupWriter(MachineFiles(), group: "\(group)")

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func file(_ content: String) -> SetupFile {
        SetupFile(path: directory.path("file"), content: SecretBytes(content.utf8))
    }

    private func make(_ name: String, mode: mode_t, group: gid_t = 0) throws {
        try directory.write(name, "secret".utf8)
        try #require(chown(directory.path(name), uid_t.max, group) == 0 && chmod(directory.path(name), mode) == 0)
    }

    /// Its mode, and its group.
    private func access(_ name: String) -> [UInt32] {
        var status = stat()
        return stat(directory.path(name), &status) == 0 ? [status.st_mode & 0o7777, status.st_gid] : []
    }

    @Test(.enabled(if: geteuid() == 0)) func theServiceMayReadWhatIsWritten() throws {
        _ = try writer.write(file("secret"))
        #expect(access("file") == [0o640, Self.group])
    }

    @Test(.enabled(if: geteuid() == 0)) func theServiceMayReadWhatWasThere() throws {
        try make("file", mode: 0o600)
        #expect(try writer.share(directory.path("file"))?.contains("may read it now") == true)
        #expect(access("file") == [0o640, Self.group])
        #expect(try writer.share(directory.path("file")) == nil)
    }

    /// As after a run that ended between the file and its group.
    @Test(.enabled(if: geteuid() == 0)) func theServiceMayReadWhatWasAsItIs() throws {
        try make("file", mode: 0o640)
        _ = try writer.write(file("secret"))
        #expect(access("file") == [0o640, Self.group])
    }

    @Test(.enabled(if: geteuid() == 0), arguments: [[0o644, 0], [0o640, 54_321], [0o640, Self.group]])
    func whoeverMayReadGoesOnTo(_ before: [UInt32]) throws {
        try make("file", mode: before[0], group: before[1])
        #expect(try writer.share(directory.path("file")) == nil)
        #expect(access("file") == before)
    }

    @Test(.enabled(if: geteuid() == 0)) func whatALinkLeadsToStaysAsItIs() throws {
        try make("elsewhere", mode: 0o600)
        try #require(symlink(directory.path("elsewhere"), directory.path("file")) == 0)
        #expect(try writer.share(directory.path("file")) == nil)
        #expect(access("elsewhere") == [0o600, 0])
    }

    @Test func aReplacementThatFailsLeavesWhatWasThere() throws {
        try directory.write("file", "old".utf8)
        let failing = SetupWriter(UnreplacedFile(path: directory.path("file")))
        #expect(throws: OSError.self) { try failing.write(file("new")) }
        #expect(try directory.content("file") == Array("old".utf8))
        #expect(try !directory.names().contains("file.old"))
    }

    @Test func whatWasThereIsKept() throws {
        try directory.write("file", "old".utf8)
        #expect(try SetupWriter(UnreplacedFile(path: "")).write(file("new")).contains("file.old"))
        #expect(try directory.content("file") == Array("new".utf8))
        #expect(try directory.content("file.old") == Array("old".utf8))
    }
}

/// A disk on which `path` does not get another file.
private struct UnreplacedFile: FileStore {
    let path: String
    private let files = MachineFiles()

    init(path: String) {
        self.path = path
    }

    var databaseFileSystem: String? { files.databaseFileSystem }

    func look(at path: String) throws(OSError) -> FileStatus? { try files.look(at: path) }

    func names(in directory: String) -> [String] { files.names(in: directory) }

    func read(_ path: String, from offset: Int, count: Int) throws(OSError) -> [UInt8] {
        try files.read(path, from: offset, count: count)
    }

    func makeDirectory(_ path: String, mode: UInt32) throws(OSError) { try files.makeDirectory(path, mode: mode) }

    func write(_ content: [UInt8], to path: String, mode: UInt32) throws(OSError) {
        try files.write(content, to: path, mode: mode)
    }

    func rewrite(_ path: String) throws(OSError) { try files.rewrite(path) }

    func makeEmptyFile(_ path: String) throws(OSError) { try files.makeEmptyFile(path) }

    func reserve(_ bytes: Int, at path: String) throws(OSError) { try files.reserve(bytes, at: path) }

    func rename(_ path: String, to target: String) throws(OSError) {
        guard target != self.path else { throw OSError(EIO, "rename") }
        try files.rename(path, to: target)
    }

    func remove(_ path: String) throws(OSError) { try files.remove(path) }

    func syncDirectory(_ path: String) throws(OSError) { try files.syncDirectory(path) }

    func room(in directory: String) -> UInt64? { files.room(in: directory) }

    func lock(_ path: String, sign: String) throws(DirectoryLock.Failure) -> any FileLock {
        try files.lock(path, sign: sign)
    }
}
