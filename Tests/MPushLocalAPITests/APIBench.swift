import Foundation
import MPushControl
import MPushModel
import NIOCore
import NIOPosix
import Synchronization

@testable import MPushLocalAPI
@testable import MPushPlatform

/// A server with a fake service on a loop of its own, at a socket in a directory of its own.
final class APIBench: Sendable {
    struct TooLate: Error {}

    /// What lives on the loop.
    struct Parts {
        let service: FakeService
        let server: LocalAPIServer
        let timer: LoopTimer
    }

    let directory: String
    var path: String { directory + "/s" }
    private let group: MultiThreadedEventLoopGroup
    private let parts: NIOLoopBound<Parts>
    private let seen = Mutex<[LocalAPIEvent]>([])

    var events: [LocalAPIEvent] { seen.withLock { $0 } }

    /// Runs `body` with a server, and takes everything down after it.
    static func run(
        _ settings: LocalAPISettings = LocalAPISettings(),
        socket: (@Sendable (String) throws -> ListeningSocket)? = nil,
        _ body: (APIBench) async throws -> Void
    ) async throws {
        let directory = NSTemporaryDirectory() + "mpush-api-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        // Others must be able to come as far as the socket.
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let bench = try await APIBench(
            directory, settings, socket ?? { path in try ListeningSocket.make(at: path, group: nil) })
        let result: Result<Void, any Error>
        do { result = .success(try await body(bench)) } catch { result = .failure(error) }
        await bench.stop()
        try result.get()
    }

    private init(
        _ directory: String, _ settings: LocalAPISettings,
        _ socket: @escaping @Sendable (String) throws -> ListeningSocket
    ) async throws {
        self.directory = directory
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let eventLoop = group.next()
        let path = directory + "/s"
        let hook = Hook()
        parts = try await eventLoop.flatSubmit {
            let started = eventLoop.makePromise(of: NIOLoopBound<Parts>.self)
            do {
                let timer = try LoopTimer(on: eventLoop, clock: MachineClock())
                let service = FakeService()
                let server = LocalAPIServer(
                    on: try socket(path), for: service, settings: settings, timer: timer, eventLoop: eventLoop
                ) { hook.call($0) }
                let parts = NIOLoopBound(
                    Parts(service: service, server: server, timer: timer), eventLoop: eventLoop)
                server.start { error in
                    if let error { started.fail(error) } else { started.succeed(parts) }
                }
            } catch {
                started.fail(error)
            }
            return started.futureResult
        }.get()
        hook.set { [weak self] event in self?.seen.withLock { $0.append(event) } }
    }

    /// The server's events, before the bench is there to hear them.
    private final class Hook: Sendable {
        private struct Listener {
            let hear: @Sendable (LocalAPIEvent) -> Void
        }

        private let listener = Mutex<Listener?>(nil)

        func set(_ new: @escaping @Sendable (LocalAPIEvent) -> Void) { listener.withLock { $0 = Listener(hear: new) } }

        func call(_ event: LocalAPIEvent) { listener.withLock { $0 }?.hear(event) }
    }

    /// Does `body` on the loop.
    func onLoop<Value: Sendable>(_ body: @escaping @Sendable (Parts) throws -> Value) async throws -> Value {
        let parts = parts
        return try await group.next().submit { try body(parts.value) }.get()
    }

    /// Does `body` on the loop, which hands its outcome to the promise, within 20 s.
    func awaiting<Value: Sendable>(
        _ body: @escaping @Sendable (Parts, EventLoopPromise<Value>) -> Void
    ) async throws -> Value {
        let parts = parts
        let eventLoop = group.next()
        let promise = eventLoop.makePromise(of: Value.self)
        let late = eventLoop.scheduleTask(in: .seconds(20)) { promise.fail(TooLate()) }
        eventLoop.execute { body(parts.value, promise) }
        defer { late.cancel() }
        return try await promise.futureResult.get()
    }

    func stopServer(_ reason: String = "the test is over") async throws {
        try await awaiting { (parts, promise: EventLoopPromise<Void>) in
            parts.server.stop(reason) { promise.succeed(()) }
        }
    }

    private func stop() async {
        try? await stopServer()
        try? await onLoop { $0.timer.close() }
        try? await group.shutdownGracefully()
    }
}
