import Foundation
import Glibc
import MPushTestSupport
import NIOConcurrencyHelpers
import NIOCore
import Testing

@testable import MPushPlatform

/// Programs, with real ones: how they are started, fed, heard and ended.
@Suite(.timeLimit(.minutes(1))) struct ProgramRunnerTests {
    @Test(arguments: [0, 1, 75, 255])
    func tellsTheExitStatus(status: Int) async throws {
        #expect(try await ProgramBench.shell("exit \(status)").end == .exited(status: status))
    }

    @Test func tellsTheSignal() async throws {
        #expect(try await ProgramBench.shell("kill -SEGV $$").end == .killed(signal: Int(SIGSEGV)))
    }

    @Test func argumentsArriveAsTheyAre() async throws {
        let arguments = ["-n", "a b", "two\nlines", "", "*", "$HOME", "\u{e4}", "--", "`id`"]
        let outcome = try await ProgramBench.run(
            "/usr/bin/python3", ["-c", "import sys; print(ascii(sys.argv[1:]))"] + arguments)
        #expect(outcome.lines == ["['-n', 'a b', 'two\\nlines', '', '*', '$HOME', '\\xe4', '--', '`id`']"])
    }

    @Test func theContentIsOnStandardInput() async throws {
        let outcome = try await ProgramBench.run("/usr/bin/sha256sum", input: ByteBuffer(string: "abc"))
        #expect(outcome.lines.first?.hasPrefix("ba7816bf8f01cfea") == true)
    }

    @Test func aHugeContentArrivesWhole() async throws {
        let content = ByteBuffer(repeating: 0x61, count: 5 << 20)
        let outcome = try await ProgramBench.run("/usr/bin/wc", ["-c"], input: content)
        #expect(outcome.lines == ["\(5 << 20)"])
        #expect(outcome.end == .exited(status: 0))
    }

    @Test(arguments: ["exit 0", "exec <&-; exit 0", "head -c 10 >/dev/null"])
    func aProgramNeedNotReadItsInput(script: String) async throws {
        let content = ByteBuffer(repeating: 0x61, count: 1 << 20)
        #expect(try await ProgramBench.shell(script, input: content).end == .exited(status: 0))
    }

    @Test func nothingOfOursReachesTheProgram() async throws {
        // What a careless library leaves open is not inherited either.
        let (careless, other) = (open("/dev/null", O_RDONLY), socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        defer {
            close(careless)
            close(other)
        }
        let script =
            "import os; fds = [f for f in map(int, os.listdir('/proc/self/fd')) if os.path.exists(f'/proc/self/fd/{f}') and f > 2]; print(fds)"
        // The directory itself is open while it is listed, and gone when it is asked for.
        #expect(try await ProgramBench.run("/usr/bin/python3", ["-c", script]).lines == ["[]"])
    }

    @Test func signalsAreAsAProgramExpectsThem() async throws {
        let lines = try await ProgramBench.shell("grep -E '^Sig(Blk|Ign|Pnd)' /proc/self/status; umask").lines
        #expect(lines.count == 4)
        #expect(lines.dropLast().allSatisfy { $0.hasSuffix("\t0000000000000000") }, "\(lines)")
        #expect(lines.last == "0022")
    }

    @Test func itIsTheLeaderOfItsGroup() async throws {
        let outcome = try await ProgramBench.shell("echo $$; cut -d' ' -f5 /proc/$$/stat")
        #expect(outcome.lines.count == 2 && outcome.lines[0] == outcome.lines[1])
    }

    @Test(.disabled(if: ThreadSanitizer.isOn)) func whatIsMissingOrNoProgramIsSaid() async throws {
        #expect(
            try await ProgramBench.run("/nonexistent/program").end == .notStarted(number: ENOENT, .execute))
        #expect(try await ProgramBench.run("/etc/passwd").end == .notStarted(number: EACCES, .execute))
        #expect(
            try await ProgramBench.run("/bin/true", directory: "/nonexistent").end
                == .notStarted(number: ENOENT, .directory))
        let huge = String(repeating: "x", count: 200_000)
        #expect(try await ProgramBench.run("/bin/true", [huge]).end == .notStarted(number: E2BIG, .execute))
    }

    @Test func theTimeLimitEndsTheWholeGroup() async throws {
        let outcome = try await ProgramBench.shell("sleep 1000 & echo $!; wait", limit: .milliseconds(300))
        #expect(outcome.end == .timedOut)
        let child = try #require(outcome.lines.first.flatMap { Int($0) })
        #expect(ProgramBench.isEnding(child))
    }

    @Test func whoIgnoresTheLimitIsKilled() async throws {
        let outcome = try await ProgramBench.shell(
            "trap '' TERM; echo $$; while :; do sleep 1000; done", limit: .milliseconds(200))
        #expect(outcome.end == .timedOut)
        let process = try #require(outcome.lines.first.flatMap { Int($0) })
        #expect(ProgramBench.isEnding(process))
    }

    @Test func aFloodEndsWithItsTimeAndInBounds() async throws {
        let outcome = try await ProgramBench.shell("yes 1>&2", limit: .milliseconds(500))
        #expect(outcome.end == .timedOut)
        #expect(outcome.lines.count == OutputLines.mostLines + 1)
        #expect(outcome.lines.last == "... more was written, and dropped")
    }

    @Test func aFloodDoesNotBlockTheProgram() async throws {
        let outcome = try await ProgramBench.shell("head -c 20000000 /dev/zero 1>&2; echo x | tr x y; exit 3")
        #expect(outcome.end == .exited(status: 3))
    }

    @Test func aChildLeftBehindNeitherDelaysNorStaysAndIsSaid() async throws {
        let outcome = try await ProgramBench.shell("sleep 1000 & echo $!; exit 0", until: { $0 == 1 })
        #expect(outcome.end == .exited(status: 0) && outcome.leftBehind == 1)
        let child = try #require(outcome.lines.first.flatMap { Int($0) })
        #expect(ProgramBench.isEnding(child))
    }

    @Test func aChildLeftBehindThatIgnoresItIsKilled() async throws {
        let outcome = try await ProgramBench.shell(
            "sh -c \"trap '' TERM; while :; do sleep 1000; done\" & echo $!; exit 0", until: { $0 == 1 })
        let child = try #require(outcome.lines.first.flatMap { Int($0) })
        #expect(ProgramBench.isEnding(child))
    }

    /// A logger at the end of a pipe, say: it is not cut off in the middle of its last line.
    @Test func aChildThatIsAboutToEndIsLetDoSo() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "left-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        let outcome = try await ProgramBench.shell(
            "{ sleep 0.2; echo done >'\(file.path)'; } & exit 0",
            until: { _ in FileManager.default.contents(atPath: file.path) == Data("done\n".utf8) })
        #expect(outcome.end == .exited(status: 0) && outcome.leftBehind == 0)
    }

    @Test func whoEndsInTheTimeThatAStopGivesIsNotDisturbed() async throws {
        let outcome = try await ProgramBench.shell(
            "trap 'echo disturbed' TERM; echo begun; sleep 0.2; echo done; exit 3", stopAfterLine: true,
            patience: .seconds(10))
        #expect(outcome.end == .exited(status: 3) && outcome.lines == ["begun", "done"])
    }

    @Test func aChildOutsideTheGroupDoesNotDelay() async throws {
        let outcome = try await ProgramBench.shell("setsid sleep 5 & sleep 0.1; exit 0")
        #expect(outcome.end == .exited(status: 0))
    }

    @Test func itCanBeStopped() async throws {
        let outcome = try await ProgramBench.shell("echo begun; exec sleep 1000", stopAfterLine: true)
        #expect(outcome.end == .stopped)
    }

    /// The service manager, say, which ends all of a service: that is no failure of the program's.
    @Test func whoIsEndedByAnotherInTheTimeThatAStopGivesIsStopped() async throws {
        let outcome = try await ProgramBench.shell(
            "echo begun; sleep 0.2; kill -TERM $$; sleep 1000", stopAfterLine: true, patience: .seconds(10))
        #expect(outcome.end == .stopped)
    }

    /// Who hears of the last end kills what is left, and nothing comes after that.
    @Test func whatAProgramLeftBehindIsKnownBeforeItsEnd() throws {
        let orders = ProgramOrders()
        let launch = ProgramLaunch(
            path: "/bin/sh", arguments: ["-c", "sleep 1000 & exit 0"].map { Array($0.utf8) },
            environment: ["PATH=/usr/bin:/bin"], directory: "/", input: ByteBuffer(), timeLimit: .seconds(15),
            onLine: { _ in })
        let wake = try #require(try orders.leave(.start(1, launch)))
        let wasKnown = NIOLockedValueBox(false)
        let reports = ProgramWarden.Reports(
            ended: { _, _ in
                wasKnown.withLockedValue { $0 = !orders.remnants.isEmpty }
                orders.remnants.killAll()
            },
            heard: { _, _ in })
        ProgramWarden(orders, wake: wake, clock: MachineClock(), reports).run()
        #expect(wasKnown.withLockedValue { $0 })
    }

    @Test func whatItDidWhileBeingStoppedCounts() async throws {
        let outcome = try await ProgramBench.shell(
            "trap 'exit 0' TERM; echo begun; sleep 1000 & wait", stopAfterLine: true)
        #expect(outcome.end == .exited(status: 0))
    }

    @Test func manyAtOnceLeaveNoZombie() async throws {
        let outcomes = try await withThrowingTaskGroup(of: ProgramBench.Outcome.self) { group in
            for _ in 0..<8 { group.addTask { try await ProgramBench.shell("echo $$; exit 7") } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.allSatisfy { $0.end == .exited(status: 7) })
        let processes = outcomes.flatMap(\.lines)
        #expect(processes.count == 8)
        #expect(processes.allSatisfy { !FileManager.default.fileExists(atPath: "/proc/\($0)") })
    }
}
