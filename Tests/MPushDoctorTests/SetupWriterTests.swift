import Glibc
import MPushConfiguration
import MPushDoctor
import MPushModel
import MPushPlatform
import MPushTestSupport
import Testing

/// What `mpushd init` leaves of files, and for whom.
@Suite struct SetupWriterTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func file(_ content: String) -> SetupFile {
        SetupFile(path: directory.path("file"), content: SecretBytes(content.utf8))
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

    func read(_ path: String, first count: Int) throws(OSError) -> [UInt8] { try files.read(path, first: count) }

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
