import Foundation
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

@testable import MPushPlatform

/// Runs one program with `ProgramRunner`, and gives how it ended and what it wrote.
struct ProgramBench {
    struct Outcome: Sendable {
        let end: ProgramEnd
        let lines: [String]
        /// How often it was said that processes were left behind.
        let leftBehind: Int
    }

    struct TooLate: Error {}

    static func run(
        _ path: String, _ arguments: [String] = [], input: ByteBuffer = ByteBuffer(), environment: [String] = [],
        directory: String = "/", limit: Duration = .seconds(15), stopAfterLine: Bool = false,
        patience: Duration = .zero,
        until isDone: @escaping @Sendable (_ leftBehind: Int) -> Bool = { _ in true }
    ) async throws -> Outcome {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let lines = NIOLockedValueBox<[String]>([])
        let leftBehind = NIOLockedValueBox(0)
        let promise = loop.makePromise(of: ProgramEnd.self)
        let late = loop.scheduleTask(in: .seconds(30)) { promise.fail(TooLate()) }
        loop.execute {
            let runner = ProgramRunner(
                on: loop, clock: MachineClock(), threads: ShortThreads(), patience: patience)
            let handle = NIOLoopBoundBox<ProgramHandle?>(nil, eventLoop: loop)
            let bound = NIOLoopBound(runner, eventLoop: loop)
            let launch = ProgramLaunch(
                path: path, arguments: arguments.map { Array($0.utf8) },
                environment: ["PATH=/usr/bin:/bin"] + environment, directory: directory, input: input,
                timeLimit: limit,
                onLine: { line in
                    lines.withLockedValue { $0.append(line) }
                    guard stopAfterLine else { return }
                    loop.execute { if let handle = handle.value { bound.value.stop(handle) } }
                },
                onLeftBehind: { leftBehind.withLockedValue { $0 += 1 } })
            handle.value = runner.start(launch) { promise.succeed($0) }
        }
        let result: Result<ProgramEnd, any Error>
        do { result = .success(try await promise.futureResult.get()) } catch { result = .failure(error) }
        late.cancel()
        while !isDone(leftBehind.withLockedValue { $0 }) { await Task.yield() }
        try await group.shutdownGracefully()
        return Outcome(
            end: try result.get(), lines: lines.withLockedValue { $0 },
            leftBehind: leftBehind.withLockedValue { $0 })
    }

    /// A shell script, without a file.
    static func shell(
        _ script: String, input: ByteBuffer = ByteBuffer(), limit: Duration = .seconds(15),
        stopAfterLine: Bool = false, patience: Duration = .zero,
        until isDone: @escaping @Sendable (_ leftBehind: Int) -> Bool = { _ in true }
    ) async throws -> Outcome {
        try await run(
            "/bin/sh", ["-c", script], input: input, limit: limit, stopAfterLine: stopAfterLine, patience: patience,
            until: isDone)
    }

    /// Whether the process of this number is gone, or is within ten seconds: SIGKILL is sent before it is obeyed.
    static func isEnding(_ process: Int) -> Bool {
        let deadline = ContinuousClock.now + .seconds(10)
        while isRunning(process) {
            guard ContinuousClock.now < deadline else { return false }
            sched_yield()
        }
        return true
    }

    /// Whether a process of this number is there, and no zombie.
    private static func isRunning(_ process: Int) -> Bool {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return false }
        return text.split(separator: ")").last?.split(separator: " ").first != "Z"
    }
}
