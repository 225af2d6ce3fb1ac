import Foundation
import MPushConfiguration
import MPushModel
import MPushPlatform
import MPushTestSupport
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

@testable import MPushInbox

/// An inbox in a directory of its own, with a loop of its own, as tests use it.
final class InboxBench: @unchecked Sendable {
    let directory: URL
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let box: NIOLoopBoundBox<Inbox?>
    private let timerBox: NIOLoopBoundBox<LoopTimer?>
    /// Stands still unless it is moved.
    let clock = SettableClock(wall: .now, bootID: "first", isWallSynchronised: true)
    /// What the inbox's deadlines go by.
    var timerClock: any ClockSource = MachineClock()
    private let newsBox = NIOLockedValueBox<[InboxNews]>([])
    var loop: any EventLoop { group.next() }

    init(at directory: URL? = nil) throws {
        self.directory =
            directory ?? FileManager.default.temporaryDirectory.appending(path: "inbox-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: self.directory, withIntermediateDirectories: true)
        box = NIOLoopBoundBox.makeEmptyBox(eventLoop: group.next())
        timerBox = NIOLoopBoundBox.makeEmptyBox(eventLoop: group.next())
    }

    var file: URL { directory.appending(path: "inbox.db") }
    var news: [InboxNews] { newsBox.withLockedValue { $0 } }

    @discardableResult
    func open(_ settings: InboxSettings = InboxSettings()) async throws -> [StoredTicket] {
        try await loop.submit { [self] in
            let timer = try LoopTimer(on: loop, clock: timerClock)
            timerBox.value = timer
            box.value = Inbox(
                directory: directory.path, settings: settings, clock: clock,
                threads: ShortThreads(), files: MachineFiles(), timer: timer
            ) { [newsBox] news in
                newsBox.withLockedValue { $0.append(news) }
            }
        }.get()
        return try await ask { inbox, done in inbox.open { done($0) } }
    }

    /// Asks the inbox something, on its loop, and waits for the answer.
    func ask<Answer: Sendable>(
        _ question: @escaping @Sendable (Inbox, @escaping (Answer) -> Void) -> Void
    ) async throws -> Answer {
        let promise = loop.makePromise(of: Answer.self)
        loop.execute { [self] in
            if let inbox = box.value {
                question(inbox) { promise.succeed($0) }
            } else {
                promise.fail(CancellationError())
            }
        }
        return try await promise.futureResult.get()
    }

    func store(_ contents: [String], identity: String = "home", at time: WallTime = .now, awaits: Bool = false)
        async throws -> [StoreOutcome]
    {
        let messages = contents.map {
            NewMessage(
                identity: identity, user: "alice", received: time, content: ByteBuffer(string: $0),
                awaitsConsumer: awaits)
        }
        return try await ask { inbox, done in inbox.store(messages) { done($0) } }
    }

    func consumer(_ name: ConsumerName, fromOldest: Bool = false) async throws -> ConsumerProgress {
        try await ask { inbox, done in inbox.openConsumer(name, fromOldest: fromOldest) { done($0) } }.get()
    }

    func retire(_ name: ConsumerName) async throws {
        try await ask { inbox, done in
            inbox.retireConsumer(name)
            inbox.knows(name) { _ in done(()) }
        }
    }

    func consumers() async throws -> [ConsumerName: Consumer] {
        try await ask { inbox, done in inbox.consumers { done($0) } }.get()
    }

    @discardableResult
    func record(_ changes: [ConsumerChange], of name: ConsumerName) async throws -> InboxFailure? {
        try await ask { inbox, done in inbox.record(changes, of: name) { done($0) } }
    }

    /// Puts other bounds in force, as a reload does, and waits until they are.
    func apply(_ settings: InboxSettings) async throws {
        try await loop.submit { [self] in box.value?.apply(settings) }.get()
        _ = try await messages()
    }

    func messages(_ query: MessageQuery = MessageQuery()) async throws -> [StoredMessage] {
        try await ask { inbox, done in inbox.messages(query) { done($0) } }.get().messages
    }

    func deadLetters(of name: ConsumerName) async throws -> Int {
        try await ask { inbox, done in done(inbox.deadLetters(of: name)) }
    }

    func status() async throws -> InboxStatus { try await ask { inbox, done in done(inbox.status) } }

    func close() async throws {
        _ = try await ask { (inbox, done: @escaping (Bool) -> Void) in inbox.close { done(true) } }
        try await loop.submit { [self] in
            box.value = nil
            timerBox.value?.close()
            timerBox.value = nil
        }.get()
    }

    /// Runs `body` with a bench whose directory is gone after it.
    static func run(_ body: (InboxBench) async throws -> Void) async throws {
        let bench = try InboxBench()
        do {
            try await body(bench)
            try? await bench.close()
        } catch {
            try? await bench.close()
            bench.tearDown()
            throw error
        }
        bench.tearDown()
    }

    private func tearDown() {
        try? FileManager.default.removeItem(at: directory)
        group.shutdownGracefully { _ in }
    }
}

extension WallTime {
    static var now: WallTime { WallTime(millisecondsSince1970: Int64(Date().timeIntervalSince1970 * 1000)) }
}

extension StoreOutcome {
    var message: StoredMessage? { if case .stored(let message) = self { message } else { nil } }
}
