import Foundation
import MPushPlatform
import Testing

@testable import MPushLocalAPI

/// Real sockets in real directories.
@Suite struct ListeningSocketTests {
    private func inDirectory(_ body: (String) throws -> Void) throws {
        let directory = NSTemporaryDirectory() + "mpush-socket-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try body(directory + "/s")
    }

    private func mode(_ path: String) -> mode_t {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
    }

    @Test func theFileIsForItsOwnerAndGroup() throws {
        try inDirectory { path in
            let socket = try ListeningSocket.make(at: path, group: getegid())
            #expect(mode(path) == 0o660)
            #expect(fcntl(socket.descriptor, F_GETFD) & FD_CLOEXEC != 0)
            socket.removeFile()
            #expect(!FileManager.default.fileExists(atPath: path))
            close(socket.descriptor)
        }
    }

    @Test func aFileOfTheDeadIsReplacedAndOneOfTheLivingIsNot() throws {
        try inDirectory { path in
            let first = try ListeningSocket.make(at: path, group: nil)
            let error = #expect(throws: ListeningError.self) { try ListeningSocket.make(at: path, group: nil) }
            #expect(error?.description.contains("another process answers there") == true)
            close(first.descriptor)
            let second = try ListeningSocket.make(at: path, group: nil)
            // The first one's file is not its own any more.
            first.removeFile()
            #expect(mode(path) == 0o660)
            close(second.descriptor)
        }
    }

    @Test func aFileThatIsNoSocketIsLeftAlone() throws {
        try inDirectory { path in
            try "mine".write(toFile: path, atomically: true, encoding: .utf8)
            #expect(throws: ListeningError.self) { try ListeningSocket.make(at: path, group: nil) }
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "mine")
        }
    }

    @Test func pathsThatDoNotFitAreErrorsInWords() throws {
        for path in ["/tmp/" + String(repeating: "x", count: 103), "relative", ""] {
            let error = #expect(throws: ListeningError.self) { try ListeningSocket.make(at: path, group: nil) }
            #expect(error?.description.contains("107 bytes at most") == true)
        }
        try inDirectory { path in
            let directory = (path as NSString).deletingLastPathComponent
            let full = directory + "/" + String(repeating: "x", count: 107 - directory.utf8.count - 1)
            let socket = try ListeningSocket.make(at: full, group: nil)
            #expect(socket.path.utf8.count == 107)
            close(socket.descriptor)
        }
    }

    @Test func onlyAListeningStreamSocketIsTakenOver() throws {
        try inDirectory { path in
            let made = try ListeningSocket.make(at: path, group: nil)
            let taken = try ListeningSocket(takingOver: made.descriptor)
            #expect(taken.path == path)
            taken.removeFile()
            #expect(mode(path) == 0o660)
            close(made.descriptor)
        }
        let wrong = [
            socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0), socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue), 0),
            socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0), open("/dev/null", O_RDONLY),
        ]
        for descriptor in wrong {
            #expect(throws: ListeningError.self) { try ListeningSocket(takingOver: descriptor) }
            close(descriptor)
        }
        #expect(throws: ListeningError.self) { try ListeningSocket(takingOver: 9999) }
    }

    @Test func groupsAreFoundByNameAndNumber() {
        #expect(SystemGroup.named("root") == .found(SystemGroup(name: "root", number: 0)))
        #expect(SystemGroup.named("12345") == .found(SystemGroup(name: "12345", number: 12345)))
        #expect(SystemGroup.named("no-such-group-here") == .none)
        #expect(SystemGroup(number: 0).name == "root")
        #expect(SystemGroup(number: 4_000_000_001).name == "4000000001")
        // The number that means none, and those beyond: chown(2) would change nothing, and say that it did.
        for name in ["4294967295", "4294967296", "99999999999999999999", ""] {
            #expect(SystemGroup.named(name) == .none)
        }
    }

    /// The file's mode and group are set without following a link that somebody put in its place.
    @Test func aLinkIsNotFollowed() throws {
        try inDirectory { path in
            let other = path + "-other"
            try "secret".write(toFile: other, atomically: true, encoding: .utf8)
            chmod(other, 0o600)
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: other)
            #expect(throws: ListeningError.self) { try ListeningSocket.make(at: path, group: getegid()) }
            #expect(mode(other) == 0o600)
        }
    }
}
