import FoundationEssentials
import Glibc
import MPushPlatform
import MPushTestSupport
import Testing

/// The file that says who uses a directory.
@Suite struct DirectoryLockTests {
    private func owner(of path: String) -> uid_t? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_uid : nil
    }

    /// `sudo mpushd run`, once, must not shut out the service, which is another user.
    @Test(.enabled(if: geteuid() == 0)) func whatRootMakesBelongsToTheDirectorysOwner() throws {
        let directory = try TemporaryDirectory()
        try #require(chown(directory.url.path, 12_345, 12_345) == 0)
        let lock = DirectoryLock(directory: directory.url.path, program: "test", files: MachineFiles())
        try lock.acquire()
        #expect(owner(of: directory.path("lock")) == 12_345)
    }

    /// Whoever owns the directory could have put a link there.
    @Test(.enabled(if: geteuid() == 0)) func whatIsThereKeepsItsOwner() throws {
        let directory = try TemporaryDirectory()
        try directory.write("mine", [])
        try #require(link(directory.path("mine"), directory.path("lock")) == 0)
        try #require(chown(directory.url.path, 12_345, 12_345) == 0)
        let lock = DirectoryLock(directory: directory.url.path, program: "test", files: MachineFiles())
        try lock.acquire()
        #expect(owner(of: directory.path("mine")) == geteuid())
    }

    @Test func oneAtATime() throws {
        let directory = try TemporaryDirectory()
        let first = DirectoryLock(directory: directory.url.path, program: "first", files: MachineFiles())
        let second = DirectoryLock(directory: directory.url.path, program: "second", files: MachineFiles())
        try first.acquire()
        #expect(throws: DirectoryLock.Failure.held(by: "process \(getpid()) (first)")) { try second.acquire() }
        first.release()
        try second.acquire()
    }
}
