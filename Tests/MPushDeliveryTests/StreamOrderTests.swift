import Foundation
import MPushConfiguration
import MPushConnection
import MPushModel
import MPushPlatform
import MPushRouting
import NIOCore
import Testing

@testable import MPushDelivery

/// What a program of a stream is given after the one before it.
@Suite struct StreamOrderTests {
    /// The first program ends without an answer, and a message is stored in the same turn of the loop, before anybody was told
    /// of that end.
    @Test func whatComesAgainIsNotOvertakenByWhatIsStoredMeanwhile() async throws {
        let programs = HeldPrograms()
        let bench = try DeliveryBench(on: .thisOne.running(programs))
        defer { bench.remove() }
        func route(_ program: String) -> LoadedRoute {
            .stream(
                StreamSettings(program: program, arguments: [], timeLimit: .seconds(15), window: 64), attempts: 3,
                wait: .milliseconds(20))
        }
        try await bench.start([route("/first")])
        try await bench.store(["1", "2", "3"])
        while try await bench.withStage({ _ in programs.contents }) != ["/first": ["1", "2", "3"]] {
            await Task.yield()
        }
        try await bench.apply([route("/second")])
        let last = try await bench.store(["4"], handingOver: false)
        try await bench.withStage { stage in
            programs.end("/first")
            stage.delivery?.stored(last)
        }
        while try await bench.withStage({ _ in programs.contents["/second"]?.count }) != 4 { await Task.yield() }
        #expect(try await bench.withStage { _ in programs.contents["/second"] } == ["1", "2", "3", "4"])
        programs.endsAtOnce = true
        try await bench.stop()
    }
}

/// Programs that end when the test says so, and never answer. Belongs to the loop.
private final class HeldPrograms: ProgramStarter, @unchecked Sendable {
    private struct Line: Decodable {
        let content: String
    }

    /// What each was given, by its path.
    private(set) var contents: [String: [String]] = [:]
    /// Whether one that is stopped ends in the next turn.
    var endsAtOnce = false
    private var running: [UInt64: (path: String, done: (ProgramEnd) -> Void)] = [:]
    private var count: UInt64 = 0
    var eventLoop: (any EventLoop)?

    func start(_ launch: ProgramLaunch, done: @escaping (ProgramEnd) -> Void) -> ProgramHandle {
        converse(launch, heard: { _ in }, done: done)
    }

    func converse(
        _ launch: ProgramLaunch, heard: @escaping (ByteBuffer) -> Void, done: @escaping (ProgramEnd) -> Void
    ) -> ProgramHandle {
        count += 1
        let handle = ProgramHandle(number: count)
        running[count] = (launch.path, done)
        write(launch.input, to: handle)
        return handle
    }

    func write(_ bytes: ByteBuffer, to handle: ProgramHandle) {
        guard let path = running[handle.number]?.path else { return }
        let lines = String(buffer: bytes).split(separator: "\n").compactMap {
            try? JSONDecoder().decode(Line.self, from: Data($0.utf8))
        }
        contents[path, default: []] += lines.map(\.content)
    }

    func stop(_ handle: ProgramHandle) {
        guard endsAtOnce else { return }
        eventLoop?.assumeIsolated().execute { [self] in running.removeValue(forKey: handle.number)?.done(.stopped) }
    }

    func close() {}

    func end(_ path: String) {
        for (number, program) in running where program.path == path {
            running[number] = nil
            program.done(.stopped)
        }
    }
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
