import Foundation
import Glibc
import MPushTestSupport
import Testing

@testable import mpushctl

/// `mpushctl follow --exec` with the real daemon and real commands.
@Suite(.timeLimit(.minutes(1))) struct FollowExecTests {
    /// Prints what it was given, and takes a line from the test before it ends with the status in that.
    private static let asking = #"echo "$MPUSH_USER $MPUSH_ATTEMPT $(cat)"; read -r status <"$GATE"; exit "$status""#

    @Test func eachMessageIsRunOnceAndAcknowledged() async throws {
        try await PlayedDaemon.run { daemon in
            try begin(daemon)
            for text in ["one", "two $(touch x) `id`", "three"] { try await daemon.push(text) }
            let command =
                #"echo "$MPUSH_ID|$MPUSH_USER|$MPUSH_IDENTITY|$MPUSH_TYPE|$MPUSH_RECEIVED|$MPUSH_ATTEMPT|$MPUSH_CONSUMER|"#
                + #"$(cat)"; test -S "$MPUSHD_SOCKET""#
            let follower = try follow(daemon, command)
            let lines = [try follower.line(), try follower.line(), try follower.line()].map { $0.split(separator: "|") }
            #expect(lines.map(\.last) == ["one", "two $(touch x) `id`", "three"])
            #expect(Set(lines.map(\.first)).count == 3)
            for line in lines {
                #expect(line.count == 7 && line[1] == "alice" && line[2] == "alice" && line[4] == "1", "\(line)")
                #expect(line[3].hasSuffix("Z") && line[5] == "till", "\(line)")
            }
            // The fourth runs when the third is acknowledged.
            try await daemon.push("four")
            #expect(try follower.line().hasSuffix("|four"))
            follower.signal(SIGTERM)
            #expect(follower.end() == SIGTERM)
            #expect(try left(daemon).allSatisfy { $0 == "four" })
        }
    }

    @Test func oneThatFailsIsTriedAgainBeforeTheNext() async throws {
        try await PlayedDaemon.run { daemon in
            try begin(daemon)
            for text in ["one", "two"] { try await daemon.push(text) }
            let follower = try follow(daemon, Self.asking)
            #expect(try follower.line() == "alice 1 one")
            try pass("3", daemon)
            let note = try follower.complaint()
            #expect(note.contains("ended with status 3") && note.contains("again in 1 s"), "\(note)")
            #expect(try follower.line() == "alice 2 one")
            try pass("0", daemon)
            #expect(try follower.line() == "alice 1 two")
            follower.kill()
            #expect(try left(daemon) == ["two"])
        }
    }

    /// What was dealt with elsewhere is not tried again.
    @Test func oneThatIsAcknowledgedMeanwhileIsOver() async throws {
        try await PlayedDaemon.run { daemon in
            try begin(daemon)
            for text in ["one", "two"] { try await daemon.push(text) }
            let follower = try follow(daemon, Self.asking)
            #expect(try follower.line() == "alice 1 one")
            #expect(try daemon.ctl("ack", "--consumer", "till", "1").status == 0)
            try pass("1", daemon)
            #expect(try follower.line() == "alice 1 two")
            follower.kill()
        }
    }

    @Test func aDaemonThatIsStartedAgainHasItRunOnce() async throws {
        try await PlayedDaemon.run { daemon in
            try begin(daemon)
            try await daemon.push("one")
            let follower = try follow(daemon, Self.asking)
            #expect(try follower.line() == "alice 1 one")
            daemon.end(SIGKILL)
            try pass("0", daemon)
            #expect(try follower.complaint().contains("cut off"))
            try await daemon.start()
            try await daemon.push("two")
            #expect(try follower.line() == "alice 1 two")
            follower.kill()
            #expect(try left(daemon) == ["two"])
        }
    }

    @Test func aSignalWaitsForTheProgramAndItsAcknowledgement() async throws {
        try await PlayedDaemon.run { daemon in
            try begin(daemon)
            for text in ["one", "two"] { try await daemon.push(text) }
            let follower = try follow(daemon, Self.asking)
            #expect(try follower.line() == "alice 1 one")
            follower.signal(SIGINT)
            #expect(try follower.complaint().contains("waiting for the program"))
            try pass("0", daemon)
            #expect(follower.end() == SIGINT)
            #expect(try left(daemon) == ["two"])
        }
    }

    @Test func aSecondSignalEndsTheProgram() async throws {
        try await PlayedDaemon.run { daemon in
            try begin(daemon)
            try await daemon.push("one")
            let follower = try follow(daemon, Self.asking)
            #expect(try follower.line() == "alice 1 one")
            follower.signal(SIGINT)
            #expect(try follower.complaint().contains("once more"))
            follower.signal(SIGINT)
            #expect(try follower.complaint().contains("signal 15"))
            #expect(follower.end() == SIGINT)
            #expect(try left(daemon) == ["one"])
        }
    }

    /// More than a pipe holds, to a command that reads it late, or not at all.
    @Test func aLargeMessageIsGivenWhole() async throws {
        try await PlayedDaemon.run(more: "[limits]\nmax_body = \"4MiB\"\nmax_inflated = \"4MiB\"") { daemon in
            try begin(daemon)
            for letter in ["x", "y"] { try await daemon.push(String(repeating: letter, count: 1_000_000)) }
            let follower = try follow(daemon, #"[ "$MPUSH_ATTEMPT" = 1 ] || exit 0; wc -c; exit 1"#)
            #expect(try follower.line() == "1000000")
            #expect(try follower.line() == "1000000")
            follower.kill()
        }
    }

    @Test func waitsGrowToAMinute() {
        #expect((1...9).map { ExecFollower.wait(after: $0) } == [1, 2, 4, 8, 16, 32, 60, 60, 60].map { .seconds($0) })
        #expect(ExecFollower.wait(after: .max) == .seconds(60) && ExecFollower.wait(after: 0) == .seconds(1))
    }

    @Test func whatDoesNotGoTogetherIsSaid() throws {
        for (arguments, word) in [
            (["--exec", "true"], "--consumer"), (["--exec", "true", "--consumer", "till", "--raw"], "--raw"),
            (["--exec", "true", "--consumer", "till", "--ack", "none"], "--ack"),
            (["--exec", " ", "--consumer", "till"], "no command"),
        ] {
            let outcome = try BuiltProgram.run("mpushctl", ["follow"] + arguments)
            #expect(outcome.status == EX_USAGE && outcome.complaint.contains(word), "\(outcome.complaint)")
        }
    }

    /// Commands find a pipe in $GATE, on which `pass` lets them go on.
    private func follow(_ daemon: PlayedDaemon, _ command: String) throws -> TalkingProcess {
        let gate = daemon.directory.path + "/gate"
        if mkfifo(gate, 0o600) != 0 { #expect(errno == EEXIST) }
        return try TalkingProcess(
            try BuiltProgram.url("mpushctl").path,
            ["follow", "--socket", daemon.socket, "--consumer", "till", "--exec", command], environment: ["GATE": gate])
    }

    private func pass(_ line: String, _ daemon: PlayedDaemon) throws {
        let handle = try #require(FileHandle(forWritingAtPath: daemon.directory.path + "/gate"))
        try handle.write(contentsOf: Data("\(line)\n".utf8))
        try handle.close()
    }

    /// The name begins, before the first message.
    private func begin(_ daemon: PlayedDaemon) throws {
        _ = try daemon.curl("/v1/messages/follow?consumer=till", "--max-time", "0.3")
    }

    /// What is not acknowledged.
    private func left(_ daemon: PlayedDaemon) throws -> [String] {
        try daemon.curl("/v1/messages/follow?consumer=till", "--max-time", "0.5").output.split(separator: "\n")
            .compactMap {
                (try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])?["content"] as? String
            }
    }
}
