import Foundation
import Glibc
import MPushTestSupport
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Testing

@testable import MPushPlatform

/// Programs that are talked to, with real ones: what is written reaches them in order, what they say comes back, and their
/// end is in good order.
@Suite(.timeLimit(.minutes(1))) struct ProgramConversationTests {
    /// What a test does when the program has said something: called with all that it has said so far.
    typealias Reply = @Sendable (_ heard: String, _ talk: ConversationBench.Talk) -> Void

    /// - Parameter patience: how long it may still run after a stop; a test that expects its own exit leaves it that.
    private func shell(
        _ script: String, input: String = "", patience: Duration = .seconds(10), _ reply: @escaping Reply
    ) async throws -> ConversationBench.Outcome {
        try await ConversationBench.run(["-c", script], input: input, patience: patience, reply)
    }

    /// Programs that run on take no other's place, however many there are.
    @Test func thoseThatRunOnKeepNobodyWaiting() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let (short, long) = (loop.makePromise(of: ProgramEnd.self), loop.makePromise(of: Void.self))
        let late = loop.scheduleTask(in: .seconds(30)) { short.fail(ConversationBench.TooLate()) }
        loop.execute {
            let runner = ProgramRunner(on: loop, clock: MachineClock(), threads: ShortThreads(), patience: .seconds(5))
            let launch = { (program: String) in
                ProgramLaunch(
                    path: program, arguments: [], environment: [], directory: "/", input: ByteBuffer(),
                    timeLimit: .seconds(30), onLine: { _ in })
            }
            var open = ProgramWarden.mostPrograms + 1
            let count = open
            let streams = (0..<count).map { _ in
                runner.converse(launch("/bin/cat"), heard: { _ in }) { _ in
                    open -= 1
                    if open == 0 { long.succeed(()) }
                }
            }
            _ = runner.start(launch("/bin/true")) { end in
                short.succeed(end)
                for stream in streams { runner.stop(stream) }
            }
        }
        let result: Result<ProgramEnd, any Error>
        do { result = .success(try await short.futureResult.get()) } catch { result = .failure(error) }
        late.cancel()
        if case .success = result { try await long.futureResult.get() } else { long.succeed(()) }
        try await group.shutdownGracefully()
        #expect(try result.get() == .exited(status: 0))
    }

    @Test func linesGoBackAndForthInOrder() async throws {
        let outcome = try await shell("while read -r line; do echo \"<$line>\"; done; echo over >&2", input: "1\n") {
            let count = $0.split(separator: "\n").count
            guard $0.hasSuffix("\n") else { return }
            if count < 50 { $1.write("\(count + 1)\n") } else { $1.stop() }
        }
        #expect(outcome.heard == (1...50).map { "<\($0)>\n" }.joined())
        #expect(outcome.end == .exited(status: 0) && outcome.lines == ["over"])
    }

    /// Its standard error is for people, and is no answer.
    @Test func itsErrorsAreNotHeard() async throws {
        let outcome = try await shell("echo journal >&2; echo answer; read -r line") { _, talk in talk.stop() }
        #expect(outcome.heard == "answer\n" && outcome.lines == ["journal"])
    }

    /// A program that does not read for a while gets all of it later; what is written never blocks.
    @Test func moreThanAPipeHoldsArrivesWhole() async throws {
        let line = String(repeating: "x", count: 999) + "\n"
        let script = "echo ready; sleep 0.1; head -c 1000000 | wc -c; read -r line; exit 0"
        let outcome = try await shell(script) { heard, talk in
            if heard == "ready\n" {
                for _ in 0..<1000 { talk.write(line) }
            } else {
                talk.stop()
            }
        }
        #expect(outcome.heard == "ready\n1000000\n" && outcome.end == .exited(status: 0))
    }

    /// What was asked for before it ended is heard before its end.
    @Test func allThatItSaidIsHeardBeforeItsEnd() async throws {
        let outcome = try await shell("head -c 200000 /dev/zero | tr '\\0' x; exit 3") { _, _ in }
        #expect(outcome.heard.utf8.count == 200_000 && outcome.end == .exited(status: 3))
    }

    /// It finds the end of its input, behind a whole line, and has its time to end by itself.
    @Test func aStopIsTheEndOfItsInput() async throws {
        let outcome = try await shell("echo ready; cat; sleep 0.2; echo bye; exit 0") { heard, talk in
            guard heard == "ready\n" else { return }
            talk.write("one\n")
            talk.stop()
        }
        #expect(outcome.heard == "ready\none\nbye\n" && outcome.end == .exited(status: 0))
    }

    @Test func whoDoesNotEndIsEnded() async throws {
        let outcome = try await shell(
            "trap '' TERM; echo ready; while :; do sleep 0.1; done", patience: .zero
        ) { _, talk in talk.stop() }
        #expect(outcome.end == .stopped)
    }

    /// It listens no more, and so no message can reach it.
    @Test func whoClosesItsInputIsEnded() async throws {
        let outcome = try await shell("exec <&-; echo ready; exec sleep 1000", patience: .zero) { _, talk in
            talk.write("x\n")
        }
        #expect(outcome.end == .stopped)
    }

    @Test(.disabled(if: ThreadSanitizer.isOn)) func whatDoesNotStartIsSaid() async throws {
        let outcome = try await ConversationBench.run([], program: "/nonexistent/program") { _, _ in }
        #expect(outcome.end == .notStarted(number: ENOENT, .execute))
    }
}

/// Talks to one program.
enum ConversationBench {
    struct Outcome: Sendable {
        let end: ProgramEnd
        let heard: String
        let lines: [String]
    }

    struct TooLate: Error {}

    /// On the loop.
    struct Talk: @unchecked Sendable {
        let runner: ProgramRunner
        let handle: ProgramHandle

        func write(_ text: String) { runner.write(ByteBuffer(string: text), to: handle) }
        func stop() { runner.stop(handle) }
    }

    static func run(
        _ arguments: [String], program: String = "/bin/sh", input: String = "", patience: Duration = .seconds(10),
        _ reply: @escaping @Sendable (String, Talk) -> Void
    ) async throws -> Outcome {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let lines = NIOLockedValueBox<[String]>([])
        let heard = NIOLockedValueBox("")
        let promise = loop.makePromise(of: ProgramEnd.self)
        let late = loop.scheduleTask(in: .seconds(30)) { promise.fail(TooLate()) }
        loop.execute {
            let runner = ProgramRunner(on: loop, clock: MachineClock(), threads: ShortThreads(), patience: patience)
            var talk: Talk?
            let launch = ProgramLaunch(
                path: program, arguments: arguments.map { Array($0.utf8) }, environment: ["PATH=/usr/bin:/bin"],
                directory: "/", input: ByteBuffer(string: input), timeLimit: .seconds(1),
                onLine: { line in lines.withLockedValue { $0.append(line) } })
            let handle = runner.converse(
                launch,
                heard: { piece in
                    let all = heard.withLockedValue {
                        $0 += String(buffer: piece)
                        return $0
                    }
                    if let talk { reply(all, talk) }
                },
                done: { promise.succeed($0) })
            talk = Talk(runner: runner, handle: handle)
        }
        let result: Result<ProgramEnd, any Error>
        do { result = .success(try await promise.futureResult.get()) } catch { result = .failure(error) }
        late.cancel()
        try await group.shutdownGracefully()
        return Outcome(
            end: try result.get(), heard: heard.withLockedValue { $0 }, lines: lines.withLockedValue { $0 })
    }
}
