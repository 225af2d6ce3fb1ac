import Foundation
import Testing

@testable import MPushLocalAPI

/// What systemd leaves in the environment. One after the other: the environment is the process' own.
@Suite(.serialized) struct ActivationTests {
    private func withVariables(_ process: String?, _ count: String?, _ body: () throws -> Void) throws {
        if let process { setenv("LISTEN_PID", process, 1) }
        if let count { setenv("LISTEN_FDS", count, 1) }
        setenv("LISTEN_FDNAMES", "mpushd.socket", 1)
        defer { for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] { unsetenv(name) } }
        try body()
    }

    @Test func aSocketThatIsPassedIsTaken() throws {
        let path = NSTemporaryDirectory() + "mpush-activation-\(UUID().uuidString.prefix(8))"
        let made = try ListeningSocket.make(at: path, group: nil)
        defer {
            made.removeFile()
            close(made.descriptor)
        }
        try withVariables(String(getpid()), "1") {
            let taken = try ListeningSocket.fromSystemd(firstDescriptor: made.descriptor)
            #expect(taken?.descriptor == made.descriptor)
            #expect(taken?.path == path)
        }
    }

    @Test(
        arguments: [(nil, "1"), ("1", "1"), ("x", "1"), ("me", nil), ("me", "0"), ("me", "-1"), ("me", "x")]
            as [(String?, String?)])
    func whatIsNotForUsIsNotTaken(process: String?, count: String?) throws {
        try withVariables(process == "me" ? String(getpid()) : process, count) {
            let taken = try ListeningSocket.fromSystemd(firstDescriptor: 900)
            #expect(taken?.descriptor == nil)
        }
    }

    @Test func severalSocketsAreAnErrorInWords() throws {
        try withVariables(String(getpid()), "2") {
            let error = #expect(throws: ListeningError.self) { try ListeningSocket.fromSystemd(firstDescriptor: 900) }
            #expect(error?.description.contains("2 sockets") == true)
        }
    }
}
