import Foundation
import MPushConfiguration
import MPushConnection
import MPushInbox
import MPushModel
import MPushPlatform
import MPushRouting
import MPushSession
import MPushSystemd
import NIOCore
import NIOPosix

@testable import MPushDelivery

/// A real inbox and the delivery over it, on a loop of their own, in a directory of their own.
final class DeliveryBench: @unchecked Sendable {
    struct TooLate: Error {}

    /// Lives on the loop.
    final class Stage: DeliveryObserver, MessageConfirmer {
        let timer: LoopTimer
        var inbox: Inbox
        var delivery: Delivery?
        var consumed: [Int64] = []
        var results: [AttemptResult] = []
        private var waiting: [(condition: (Stage) -> Bool, met: () -> Void)] = []

        init(timer: LoopTimer, inbox: Inbox) {
            self.timer = timer
            self.inbox = inbox
        }

        /// Awaits that these are confirmed, as a connection does for messages with BIZ_ACK; their number is their position.
        func await(_ positions: some Sequence<MessagePosition>) {
            for position in positions {
                let message = ReceivedMessage(
                    number: Int32(position.rawValue), content: ByteBuffer(), ackDemand: .whenConsumed)
                delivery?.acks.add(message, at: position, received: timer.wall, confirmer: self)
            }
        }

        func messageConsumed(_ message: ReceivedMessage) {
            consumed.append(Int64(message.number))
            check()
        }

        func attemptEnded(route: String, result: AttemptResult, took: Duration, age: Duration) {
            results.append(result)
            check()
        }

        func deliveryChanged() { check() }

        func wait(_ condition: @escaping (Stage) -> Bool, _ met: @escaping () -> Void) {
            waiting.append((condition, met))
            check()
        }

        private func check() {
            let met = waiting.filter { $0.condition(self) }
            waiting.removeAll { $0.condition(self) }
            for one in met { one.met() }
        }
    }

    let directory: URL
    let sink = MemorySink()
    private let machine: Machine
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let box: NIOLoopBoundBox<Stage?>
    var loop: any EventLoop { group.next() }

    init(at directory: URL? = nil, on machine: Machine = .thisOne) throws {
        self.machine = machine
        self.directory =
            directory ?? FileManager.default.temporaryDirectory.appending(path: "delivery-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: self.directory, withIntermediateDirectories: true)
        box = NIOLoopBoundBox.makeEmptyBox(eventLoop: group.next())
    }

    /// Opens the inbox, and delivers to `routes`.
    func start(
        _ routes: [LoadedRoute], inbox settings: InboxSettings = InboxSettings(), patience: Duration = .zero
    ) async throws {
        try await loop.submit { [self] in
            let timer = try LoopTimer(on: loop, clock: MachineClock())
            let inbox = Inbox(
                directory: directory.path, settings: settings, clock: MachineClock(), threads: ShortThreads(),
                files: MachineFiles(),
                timer: timer
            ) { _ in }
            inbox.open { _ in }
            let stage = Stage(timer: timer, inbox: inbox)
            let connectors = Connector.Environment(
                eventLoop: loop, timer: timer,
                lookup: NameLookup(by: timer, network: MachineNetwork(threads: ShortThreads())))
            stage.delivery = Delivery(
                in: Delivery.Environment(
                    machine: machine, inbox: inbox, connectors: connectors,
                    wallClock: WallClockWatch(timer: timer) { nil }, log: Logger(sink: sink),
                    userAgent: "mpushd/test",
                    programPatience: patience),
                observer: stage)
            box.value = stage
        }.get()
        // The inbox answers in the order of the questions: it is open after this.
        _ = try await ask { stage, done in
            stage.inbox.consumers { _ in
                let last = stage.inbox.status.last.rawValue
                if last > 0 { stage.await((1...last).map { MessagePosition(rawValue: $0) }) }
                done(true)
            }
        }
        try await apply(routes)
    }

    func apply(_ routes: [LoadedRoute]) async throws {
        let routes = NIOLockedBox(routes)
        try await withStage { $0.delivery?.apply(routes.value) }
        // The inbox answers in the order of the questions: the routes are open after this.
        _ = try await ask { stage, done in stage.inbox.consumers { _ in done(true) } }
    }

    /// Something on the loop.
    @discardableResult
    func withStage<Value: Sendable>(_ body: @escaping @Sendable (Stage) throws -> Value) async throws -> Value {
        try await loop.submit { [self] in
            guard let stage = box.value else { throw TooLate() }
            return try body(stage)
        }.get()
    }

    /// A question on the loop, and its answer.
    func ask<Answer: Sendable>(
        _ question: @escaping @Sendable (Stage, @escaping (Answer) -> Void) -> Void
    ) async throws -> Answer {
        let promise = loop.makePromise(of: Answer.self)
        let late = loop.scheduleTask(in: .seconds(120)) { promise.fail(TooLate()) }
        loop.execute { [self] in
            if let stage = box.value { question(stage) { promise.succeed($0) } } else { promise.fail(TooLate()) }
        }
        defer { late.cancel() }
        return try await promise.futureResult.get()
    }

    /// Stores `contents` and hands them to delivery, as the daemon does. Their positions.
    @discardableResult
    func store(_ contents: [String], handingOver: Bool = true) async throws -> [StoredMessage] {
        let messages = contents.map {
            NewMessage(
                identity: "home", user: "alice", received: MachineClock().wall, content: ByteBuffer(string: $0),
                awaitsConsumer: true)
        }
        return try await ask { stage, done in
            stage.inbox.store(messages) { outcomes in
                let stored = outcomes.compactMap { outcome -> StoredMessage? in
                    if case .stored(let message) = outcome { message } else { nil }
                }
                stage.await(stored.map(\.position))
                if handingOver { stage.delivery?.stored(stored) }
                done(stored)
            }
        }
    }

    /// Waits until `condition` holds, which is looked at whenever something happens.
    func wait(_ condition: @escaping @Sendable (Stage) -> Bool) async throws {
        _ = try await ask { stage, done in stage.wait(condition) { done(true) } }
    }

    func status(_ route: String) async throws -> RouteStatus? {
        try await withStage { $0.delivery?.status.first { $0.name == route } }
    }

    /// Ends as the daemon does.
    func stop() async throws {
        _ = try await ask { stage, done in
            stage.delivery?.stop {
                stage.inbox.close {
                    stage.timer.close()
                    done(true)
                }
            }
        }
        try await withStage { $0.delivery = nil }
        try await loop.submit { [self] in box.value = nil }.get()
        try await group.shutdownGracefully()
    }

    func remove() { try? FileManager.default.removeItem(at: directory) }

    /// Writes a shell script, to be run with `/bin/sh`.
    func script(_ text: String, _ name: String = "script.sh") throws -> String {
        let file = directory.appending(path: name)
        try Data(text.utf8).write(to: file)
        return file.path
    }

    func content(_ name: String) -> String {
        (try? String(contentsOf: directory.appending(path: name), encoding: .utf8)) ?? ""
    }
}

/// Hands a value that is not Sendable to the loop.
final class NIOLockedBox<Value>: @unchecked Sendable {
    let value: Value

    init(_ value: Value) {
        self.value = value
    }
}

extension LoadedRoute {
    /// A route to a program that a test writes.
    static func exec(
        _ name: String = "notify", _ program: String, _ arguments: [String] = [], concurrency: Int = 1,
        attempts: Int = 3, wait: Duration = .milliseconds(20), limit: Duration = .seconds(15),
        directory: String? = nil, filter: RouteFilter = RouteFilter(), start: RouteSettings.Start = .oldest
    ) throws -> LoadedRoute {
        LoadedRoute(
            settings: RouteSettings(
                name: name, filter: filter,
                target: .exec(
                    ExecSettings(
                        program: program, arguments: try arguments.map { try ArgumentTemplate($0) }, timeLimit: limit,
                        directory: directory)),
                concurrency: concurrency,
                retry: RetryPolicy(attempts: attempts, shortestWait: wait, longestWait: .seconds(1)), start: start))
    }
}
