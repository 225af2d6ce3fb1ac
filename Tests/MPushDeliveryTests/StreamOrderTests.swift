import Foundation
import MPushConfiguration
import MPushConnection
import MPushInbox
import MPushModel
import MPushPlatform
import MPushRouting
import NIOCore
import Testing

@testable import MPushDelivery

/// What a program of a stream is given after the one before it, and when its route is over.
@Suite struct StreamOrderTests {
    private let programs = HeldPrograms()

    private func withBench(_ body: (DeliveryBench) async throws -> Void) async throws {
        let bench = try DeliveryBench(on: .thisOne.running(programs))
        defer { bench.remove() }
        try await body(bench)
        try await bench.withStage { [programs] _ in programs.endsAtOnce = true }
        try await bench.stop()
    }

    private func route(_ program: String, window: Int = 64) -> LoadedRoute {
        .stream(
            StreamSettings(program: program, arguments: [], timeLimit: .seconds(15), window: window), attempts: 3,
            wait: .milliseconds(20))
    }

    /// Waits until the run `number` has at least `count` messages; what it has.
    private func contents(of number: Int, atLeast count: Int, _ bench: DeliveryBench) async throws -> [String] {
        while true {
            let runs = try await bench.withStage { [programs] _ in programs.runs }
            if runs.count > number, runs[number].count >= count { return runs[number] }
            await Task.yield()
        }
    }

    /// The first program ends without an answer, and a message is stored in the same turn of the loop.
    @Test func whatComesAgainIsNotOvertakenByWhatIsStoredMeanwhile() async throws {
        try await withBench { bench in
            try await bench.start([route("/first")])
            try await bench.store(["1", "2", "3"])
            _ = try await contents(of: 0, atLeast: 3, bench)
            try await bench.apply([route("/second")])
            let last = try await bench.store(["4"], handingOver: false)
            try await bench.withStage { [programs] stage in
                programs.end(0, .stopped)
                stage.delivery?.stored(last)
            }
            #expect(try await contents(of: 1, atLeast: 4, bench) == ["1", "2", "3", "4"])
        }
    }

    /// A program that ends by itself is an outage: one message is tried after a wait, and it is the first.
    @Test func whatIsStoredAtAnEndWaitsBehindWhatItLeft() async throws {
        try await withBench { bench in
            try await bench.start([route("/program")])
            try await bench.store(["1", "2", "3"])
            _ = try await contents(of: 0, atLeast: 3, bench)
            let last = try await bench.store(["4"], handingOver: false)
            try await bench.withStage { [programs] stage in
                programs.end(0, .exited(status: 0))
                stage.delivery?.stored(last)
            }
            #expect(try await contents(of: 1, atLeast: 1, bench) == ["1"])
        }
    }

    /// Its last answers make room for others, and are heard in the same turn as its end.
    @Test func whatTheLastAnswersMakeRoomForWaitsAsWell() async throws {
        try await withBench { bench in
            try await bench.start([route("/program", window: 4)])
            let stored = try await bench.store((1...8).map(String.init))
            #expect(try await contents(of: 0, atLeast: 4, bench) == ["1", "2", "3", "4"])
            try await bench.withStage { [programs] _ in
                programs.answer(0, stored.prefix(2).map(\.id))
                programs.end(0, .exited(status: 0))
            }
            #expect(try await contents(of: 1, atLeast: 1, bench) == ["3"])
            try await bench.wait { $0.consumed == [1, 2] }
        }
    }

    /// It has all its time to end, also where it has nothing to do.
    @Test func aRouteIsNotOverBeforeItsProgramHasEnded() async throws {
        try await withBench { bench in
            try await bench.start([route("/first")])
            let stored = try await bench.store(["1"])
            _ = try await contents(of: 0, atLeast: 1, bench)
            try await bench.withStage { [programs] _ in programs.answer(0, stored.map(\.id)) }
            try await bench.wait { $0.consumed == [1] }
            try await bench.apply([])
            // The same name, before the program is gone.
            try await bench.apply([route("/second")])
            try await bench.store(["2"])
            let runs = try await bench.withStage { [programs] _ in programs.runs.count }
            #expect(runs == 1)
            try await bench.withStage { [programs] _ in programs.end(0, .exited(status: 0)) }
            #expect(try await contents(of: 1, atLeast: 1, bench) == ["2"])
        }
    }

    /// What waits in the inbox is read in larger pieces than a program may have.
    @Test func whatAProgramHasIsBoundedInBytes() async throws {
        try await withBench { bench in
            let content = String(repeating: "x", count: 100_000)
            try await bench.start([])
            try await bench.store((1...30).map { "\($0) \(content)" })
            try await bench.apply([route("/program")])
            _ = try await contents(of: 0, atLeast: 11, bench)
            // The inbox answers in the order of the questions.
            _ = try await bench.ask { stage, done in stage.inbox.consumers { _ in done(true) } }
            let given = try await contents(of: 0, atLeast: 11, bench)
            #expect(given.count == 11)
        }
    }
}

/// Programs that end when the test says so, and answer so. Belongs to the loop.
private final class HeldPrograms: ProgramStarter, @unchecked Sendable {
    private struct Line: Decodable {
        let content: String
    }

    private struct Program {
        let heard: (ByteBuffer) -> Void
        let done: (ProgramEnd) -> Void
    }

    /// What each was given, in the order of their starts.
    private(set) var runs: [[String]] = []
    /// Whether one that is stopped ends in the next turn.
    var endsAtOnce = false {
        didSet { for number in Array(running.keys) where endsAtOnce { end(number, .stopped) } }
    }
    private var running: [Int: Program] = [:]
    var eventLoop: (any EventLoop)?

    func start(_ launch: ProgramLaunch, done: @escaping (ProgramEnd) -> Void) -> ProgramHandle {
        converse(launch, heard: { _ in }, done: done)
    }

    func converse(
        _ launch: ProgramLaunch, heard: @escaping (ByteBuffer) -> Void, done: @escaping (ProgramEnd) -> Void
    ) -> ProgramHandle {
        let handle = ProgramHandle(number: UInt64(runs.count))
        running[runs.count] = Program(heard: heard, done: done)
        runs.append([])
        write(launch.input, to: handle)
        return handle
    }

    func write(_ bytes: ByteBuffer, to handle: ProgramHandle) {
        let lines = String(buffer: bytes).split(separator: "\n").compactMap {
            try? JSONDecoder().decode(Line.self, from: Data($0.utf8))
        }
        runs[Int(handle.number)] += lines.map(\.content)
    }

    func stop(_ handle: ProgramHandle) {
        guard endsAtOnce else { return }
        eventLoop?.assumeIsolated().execute { [self] in end(Int(handle.number), .stopped) }
    }

    func close() {}

    func answer(_ number: Int, _ ids: [String]) {
        running[number]?.heard(ByteBuffer(string: ids.map { "{\"id\": \"\($0)\", \"done\": true}\n" }.joined()))
    }

    func end(_ number: Int, _ end: ProgramEnd) { running.removeValue(forKey: number)?.done(end) }
}

extension Machine {
    /// The same with other programs.
    fileprivate func running(_ programs: HeldPrograms) -> Machine {
        Machine(
            clock: clock, threads: threads, network: network, routes: routes, sleepNews: sleepNews, files: files,
            memory: memory
        ) { eventLoop, _ in
            programs.eventLoop = eventLoop
            return programs
        }
    }
}
