import Foundation
import Glibc
import MPushTestSupport
import Testing

/// The followers that the package shows, with the real daemon: they print each message once, acknowledge it, and come back.
@Suite(.timeLimit(.minutes(5))) struct FollowerExampleTests {
    private static let folder = Fixture.folder.deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "config/examples").path
    /// What they are run with, where it is there; the one for Qt is compiled and run with the package.
    private static let examples = [
        ("/usr/bin/python3", "follow.py"), ("/usr/bin/node", "follow.js"), ("/bin/sh", "follow.sh"),
    ].filter { FileManager.default.fileExists(atPath: $0.0) }

    @Test(arguments: examples)
    func aFollowerAcknowledgesAndComesBack(_ interpreter: String, _ file: String) async throws {
        try await PlayedDaemon.run { daemon in
            try daemon.begin("till")
            for text in ["one", "two \"quoted\" \\ $x"] { try await daemon.push(text) }
            let follower = try TalkingProcess(
                interpreter, [Self.folder + "/" + file, "till"], environment: ["MPUSHD_SOCKET": daemon.socket])
            #expect(try follower.line() == "alice: one")
            #expect(try follower.line() == "alice: two \"quoted\" \\ $x")
            try acknowledged(daemon, upTo: 2)
            daemon.end(SIGKILL)
            // It says that it tries again, and finds the daemon that is there then.
            while try !follower.complaint().contains("again in") {}
            try await daemon.start()
            try await daemon.push("three")
            #expect(try follower.line() == "alice: three")
            try acknowledged(daemon, upTo: 3)
            follower.kill()
        }
    }

    @Test(arguments: examples)
    func aNameThatIsRefusedIsSaid(_ interpreter: String, _ file: String) async throws {
        try await PlayedDaemon.run { daemon in
            let follower = try TalkingProcess(
                interpreter, [Self.folder + "/" + file, "no/name"], environment: ["MPUSHD_SOCKET": daemon.socket])
            while try !follower.complaint().contains("consumer") {}
            follower.kill()
        }
    }

    /// The daemon knows, at last, that all up to there was acknowledged: it answers a question before it is asked the next.
    private func acknowledged(_ daemon: PlayedDaemon, upTo position: Int) throws {
        for _ in 0..<400 {
            if try daemon.curl("/v1/consumers").output.contains("\"cursor\":\(position)") { return }
        }
        Issue.record("not acknowledged: \(try daemon.curl("/v1/consumers").output)")
    }
}
