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
            #expect(taken?.socket.descriptor == made.descriptor)
            #expect(taken?.socket.path == path)
            #expect(taken?.warning == nil)
        }
    }

    @Test(
        arguments: [(nil, "1"), ("1", "1"), ("x", "1"), ("me", nil), ("me", "0"), ("me", "-1"), ("me", "x")]
            as [(String?, String?)])
    func whatIsNotForUsIsNotTaken(process: String?, count: String?) throws {
        try withVariables(process == "me" ? String(getpid()) : process, count) {
            let taken = try ListeningSocket.fromSystemd(firstDescriptor: 900)
            #expect(taken == nil)
        }
    }

    /// Whoever connects to one that nobody serves would wait for ever: it is closed, and refuses.
    @Test func oneOfSeveralSocketsIsTakenAndTheOthersRefuse() throws {
        let paths = (0..<3).map { _ in NSTemporaryDirectory() + "mpush-activation-\(UUID().uuidString.prefix(8))" }
        defer { for path in paths { unlink(path) } }
        for (index, path) in paths.enumerated() {
            let made = try ListeningSocket.make(at: path, group: nil)
            #expect(dup2(made.descriptor, 900 + CInt(index)) >= 0)
            close(made.descriptor)
        }
        // The variable says one more than there is, and that number is a file of our own.
        let file = open("/dev/null", O_RDONLY)
        #expect(dup2(file, 903) >= 0)
        close(file)
        defer { for descriptor in [900, 903] as [CInt] { close(descriptor) } }
        try withVariables(String(getpid()), "4") {
            let taken = try #require(try ListeningSocket.fromSystemd(firstDescriptor: 900))
            #expect(taken.socket.descriptor == 900 && taken.socket.path == paths[0])
            #expect(taken.warning?.contains("4 sockets (mpushd.socket)") == true)
        }
        _ = try UnixClient(paths[0])
        for path in paths[1...] { #expect(throws: UnixClient.Refused.self) { try UnixClient(path) } }
        #expect(fcntl(903, F_GETFD) >= 0)
    }

    /// A socket that cannot be the API's does not keep its clients waiting either, nor the right one behind it from being
    /// taken.
    @Test(arguments: [false, true]) func aSocketOfAnotherKindIsClosed(isRightOneBehind: Bool) throws {
        let other = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        #expect(listen(other, 1) == 0)
        #expect(dup2(other, 910) >= 0)
        close(other)
        let path = NSTemporaryDirectory() + "mpush-activation-\(UUID().uuidString.prefix(8))"
        let made = try ListeningSocket.make(at: path, group: nil)
        #expect(dup2(made.descriptor, 911) >= 0)
        close(made.descriptor)
        defer {
            close(911)
            unlink(path)
        }
        try withVariables(String(getpid()), isRightOneBehind ? "2" : "1") {
            if isRightOneBehind {
                let taken = try ListeningSocket.fromSystemd(firstDescriptor: 910)
                #expect(taken?.socket.descriptor == 911)
            } else {
                let error = #expect(throws: ListeningError.self) {
                    try ListeningSocket.fromSystemd(firstDescriptor: 910)
                }
                #expect(error?.description.contains("not a listening stream socket") == true)
            }
        }
        #expect(fcntl(910, F_GETFD) == -1)
    }
}
