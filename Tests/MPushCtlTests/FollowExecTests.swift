import Foundation
import Glibc
import MPushTestSupport
import Testing

@testable import mpushctl

/// `mpushctl follow --exec` with the real daemon and real commands.
@Suite(.timeLimit(.minutes(5))) struct FollowExecTests {
    /// Prints what it was given, and takes a line from the test before it ends with the status in that.
    private static let asking = #"echo "$MPUSH_USER $MPUSH_ATTEMPT $(cat)"; read -r status <"$GATE"; exit "$status""#

    private let gate: Gate

    init() throws { gate = try Gate() }

    @Test func eachMessageIsRunOnceAndAcknowledged() async throws {
        try await PlayedDaemon.run { daemon in
            try daemon.begin("till")
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
            #expect(try follower.end() == SIGTERM)
            #expect(try daemon.cursor("till") >= 3)
        }
    }

    @Test func oneThatFailsIsTriedAgainBeforeTheNext() async throws {
        try await PlayedDaemon.run { daemon in
            try daemon.begin("till")
            for text in ["one", "two"] { try await daemon.push(text) }
            let follower = try follow(daemon, Self.asking)
            #expect(try follower.line() == "alice 1 one")
            try gate.pass("3")
            let note = try follower.complaint()
            #expect(note.contains("ended with status 3") && note.contains("again in 1 s"), "\(note)")
            #expect(try follower.line() == "alice 2 one")
            try gate.pass("0")
            #expect(try follower.line() == "alice 1 two")
            follower.kill()
            #expect(try daemon.cursor("till") == 1)
        }
    }

    /// What was dealt with elsewhere is not tried again.
    @Test func oneThatIsAcknowledgedMeanwhileIsOver() async throws {
        try await PlayedDaemon.run { daemon in
            try daemon.begin("till")
            for text in ["one", "two"] { try await daemon.push(text) }
            let follower = try follow(daemon, Self.asking)
            #expect(try follower.line() == "alice 1 one")
            #expect(try daemon.ctl("ack", "--consumer", "till", "1").status == 0)
            try gate.pass("1")
            #expect(try follower.line() == "alice 1 two")
            follower.kill()
        }
    }

    @Test func aDaemonThatIsStartedAgainHasItRunOnce() async throws {
        try await PlayedDaemon.run { daemon in
            try daemon.begin("till")
            try await daemon.push("one")
            let follower = try follow(daemon, Self.asking)
            #expect(try follower.line() == "alice 1 one")
            daemon.end(SIGKILL)
            try gate.pass("0")
            #expect(try follower.complaint().contains("cut off"))
            try await daemon.start()
            try await daemon.push("two")
            #expect(try follower.line() == "alice 1 two")
            follower.kill()
            #expect(try daemon.cursor("till") == 1)
        }
    }

    @Test func aSignalWaitsForTheProgramAndItsAcknowledgement() async throws {
        try await PlayedDaemon.run { daemon in
            try daemon.begin("till")
            for text in ["one", "two"] { try await daemon.push(text) }
            let follower = try follow(daemon, Self.asking)
            #expect(try follower.line() == "alice 1 one")
            follower.signal(SIGINT)
            #expect(try follower.complaint().contains("waiting for the program"))
            try gate.pass("0")
            #expect(try follower.end() == SIGINT)
            #expect(try daemon.cursor("till") == 1)
        }
    }

    @Test func aSecondSignalEndsTheProgram() async throws {
        try await PlayedDaemon.run { daemon in
            try daemon.begin("till")
            try await daemon.push("one")
            let follower = try follow(daemon, Self.asking)
            #expect(try follower.line() == "alice 1 one")
            follower.signal(SIGINT)
            #expect(try follower.complaint().contains("once more"))
            follower.signal(SIGINT)
            #expect(try follower.complaint().contains("signal 15"))
            #expect(try follower.end() == SIGINT)
            #expect(try daemon.cursor("till") == 0)
        }
    }

    /// As nohup(1) has it, and those who want to know nothing of their children: the end of the command is seen all the same.
    @Test func signalsThatAreIgnoredStayIgnored() async throws {
        try await PlayedDaemon.run { daemon in
            try daemon.begin("till")
            for text in ["one", "two"] { try await daemon.push(text) }
            let follower = try follow(daemon, Self.asking, ignoring: "INT CHLD")
            #expect(try follower.line() == "alice 1 one")
            for _ in 0..<2 { follower.signal(SIGINT) }
            try gate.pass("0")
            #expect(try follower.line() == "alice 1 two")
            follower.signal(SIGTERM)
            #expect(try follower.complaint().contains("waiting for the program"))
            try gate.pass("3")
            // Nothing was said of the others: what comes next is of the command.
            #expect(try follower.complaint().contains("ended with status 3"))
            #expect(try follower.end() == SIGTERM)
            #expect(try daemon.cursor("till") == 1)
        }
    }

    /// More than a pipe holds, to a command that reads it late, or not at all.
    @Test func aLargeMessageIsGivenWhole() async throws {
        try await PlayedDaemon.run(more: "[limits]\nmax_body = \"4MiB\"\nmax_inflated = \"4MiB\"") { daemon in
            try daemon.begin("till")
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

    /// Commands find the gate in $GATE.
    private func follow(
        _ daemon: PlayedDaemon, _ command: String, ignoring signals: String? = nil
    ) throws -> TalkingProcess {
        // Who was started in the background, as by nohup(1), ignores it, and so does what is started by that.
        signal(SIGINT, SIG_DFL)
        let program = try BuiltProgram.url("mpushctl").path
        let words = [program, "follow", "--socket", daemon.socket, "--consumer", "till", "--exec", command]
        let setting = signals.map { "trap '' \($0); " } ?? ""
        return try TalkingProcess(
            "/bin/sh", ["-c", setting + #"exec "$@""#, "sh"] + words,
            environment: ["GATE": gate.path])
    }
}

/// A named pipe on which the commands of a test wait. The test has it open all the time: nobody waits for that, and what
/// still waits at the test's end finds the end of it, and ends.
private final class Gate {
    private let directory: TemporaryDirectory
    private let descriptor: CInt
    var path: String { directory.path("gate") }

    init() throws {
        directory = try TemporaryDirectory()
        try #require(mkfifo(directory.path("gate"), 0o600) == 0)
        descriptor = open(directory.path("gate"), O_RDWR | O_CLOEXEC)
        try #require(descriptor >= 0)
    }

    deinit { close(descriptor) }

    /// Lets one command go on, which is given this line.
    func pass(_ line: String) throws {
        let text = line + "\n"
        try #require(write(descriptor, text, text.utf8.count) == text.utf8.count)
    }
}

extension PlayedDaemon {
    /// Has a name begin, as its first follower does.
    func begin(_ consumer: String) throws {
        let follower = try TalkingProcess(
            "/usr/bin/curl",
            ["-sSN", "-D", "-", "--unix-socket", socket, "http://localhost/v1/messages/follow?consumer=\(consumer)"],
            environment: [:])
        #expect(try follower.line().contains(" 200"))
        follower.kill()
    }

    /// Up to where a name has acknowledged everything.
    func cursor(_ consumer: String) throws -> Int {
        let answer = try JSONSerialization.jsonObject(with: Data(curl("/v1/consumers").output.utf8)) as? [String: Any]
        let reports = answer?["consumers"] as? [[String: Any]] ?? []
        let report = try #require(reports.first { $0["name"] as? String == consumer })
        return try #require(report["cursor"] as? Int)
    }
}
