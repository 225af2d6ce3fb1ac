import Glibc
import MPushConfiguration
import MPushInbox
import MPushModel
import MPushPlatform
import NIOCore
import NIOPosix

/// What one thing done with an inbox takes where little is in it, and where much is.
struct InboxResult: Encodable {
    let name: String
    /// Medians of the rounds, in microseconds.
    let small: Double
    let large: Double
    /// The median of each round's ratio, large to small.
    let ratio: Double
}

/// The inbox itself, without a daemon: one with a thousand messages beside one with a million that wait, and one with a
/// thousand dead letters beside one with a hundred thousand. In turn, for several rounds.
struct InboxBenchmark {
    private static let few = 1000
    private static let manyMessages = 1_000_000
    private static let manyDeadLetters = 100_000
    /// Messages that are stored for one figure, a batch of them at a time; what else is asked is asked as often.
    private static let batch = 500
    private static let times = 20

    let settings: BenchSettings
    let workspace: Workspace

    func run() throws -> [InboxResult] {
        let small = try InboxHolder(at: try workspace.makeDirectory("inbox-small"), messages: Self.few, dead: 0)
        let large = try InboxHolder(
            at: try workspace.makeDirectory("inbox-large"), messages: Self.manyMessages, dead: 0)
        var results = try compare(
            small, large,
            [
                ("stored, beside 1,000,000 that wait", { try $0.storeBatch(Self.batch) / Double(Self.batch) }),
                ("status, beside 1,000,000 that wait", { try $0.askStatus() }),
                ("page of 100 of 1,000,000 messages", { try $0.askMessages() }),
            ])
        try close(small, large)
        let fewDead = try InboxHolder(
            at: try workspace.makeDirectory("inbox-few-dead"), messages: Self.few, dead: Self.few)
        let manyDead = try InboxHolder(
            at: try workspace.makeDirectory("inbox-many-dead"), messages: Self.manyDeadLetters,
            dead: Self.manyDeadLetters)
        results += try compare(
            fewDead, manyDead,
            [
                ("stored, beside 100,000 dead letters", { try $0.storeBatch(Self.batch) / Double(Self.batch) }),
                ("status, beside 100,000 dead letters", { try $0.askStatus() }),
                ("page of 100 of 100,000 dead letters", { try $0.askDeadLetters() }),
            ])
        try close(fewDead, manyDead)
        return results
    }

    private func close(_ holders: InboxHolder...) throws {
        for holder in holders {
            try holder.close()
            workspace.remove(holder.directory)
        }
    }

    private func compare(
        _ small: InboxHolder, _ large: InboxHolder, _ things: [(String, (InboxHolder) throws -> Double)]
    ) throws -> [InboxResult] {
        try things.map { name, measure in
            var rounds: [(small: Double, large: Double)] = []
            for _ in 0..<settings.rounds {
                rounds.append((try Self.median(measure, small), try Self.median(measure, large)))
            }
            return InboxResult(
                name: name, small: Sample(rounds.map(\.small)).median, large: Sample(rounds.map(\.large)).median,
                ratio: Sample(rounds.map { $0.large / $0.small }).median)
        }
    }

    private static func median(_ measure: (InboxHolder) throws -> Double, _ holder: InboxHolder) throws -> Double {
        Sample(try (0..<times).map { _ in try measure(holder) }).median
    }
}

/// An inbox on a loop of its own, asked one thing after the other. All times in microseconds.
final class InboxHolder {
    private struct Held {
        var inbox: Inbox?
        var timer: LoopTimer?
    }

    private static let loop = MultiThreadedEventLoopGroup.singleton.next()
    static let route = ConsumerName.route("r")
    private static let mostAtOnce = 10_000

    let directory: String
    private let held = NIOLoopBoundBox.makeBoxSendingValue(Held(), eventLoop: InboxHolder.loop)
    private let clock = MachineClock()
    private var stored = 0
    private let filled: Int

    init(at directory: String, messages: Int, dead: Int) throws {
        self.directory = directory
        filled = messages
        let held = held
        try Self.loop.submit {
            var settings = InboxSettings()
            settings.maximumMessages = 10_000_000
            settings.maximumBytes = 100 << 30
            let timer = try LoopTimer(on: InboxHolder.loop, clock: MachineClock())
            held.value.timer = timer
            held.value.inbox = Inbox(
                directory: directory, settings: settings, clock: MachineClock(), threads: ShortThreads(),
                files: MachineFiles(), timer: timer
            ) { _ in }
        }.wait()
        let _: Bool = try ask { inbox, done in inbox.open { _ in done(true) } }
        let _: Bool = try ask { inbox, done in
            inbox.openConsumer(InboxHolder.route, fromOldest: true) { _ in done(true) }
        }
        while stored < messages { _ = try storeBatch(min(Self.mostAtOnce, messages - stored)) }
        for first in stride(from: 1, through: dead, by: Self.mostAtOnce) {
            try record(
                (first...min(dead, first + Self.mostAtOnce - 1)).map {
                    .buried(
                        MessagePosition(rawValue: Int64($0)), attempts: 9, reason: "/bin/false ended with status 1")
                })
        }
        if dead > 0 { try record([.advanced(to: MessagePosition(rawValue: Int64(dead)))]) }
    }

    func close() throws {
        let _: Bool = try ask { inbox, done in inbox.close { done(true) } }
        let held = held
        try Self.loop.submit {
            held.value.inbox = nil
            held.value.timer?.close()
            held.value.timer = nil
        }.wait()
    }

    private func record(_ changes: [ConsumerChange]) throws {
        let failure: InboxFailure? = try ask { inbox, done in
            inbox.record(changes, of: InboxHolder.route) { done($0) }
        }
        if let failure { throw BenchError(failure.detail) }
    }

    /// Stores so many messages with ids of their own in one transaction.
    func storeBatch(_ count: Int) throws -> Double {
        let messages = (stored + 1...stored + count).map { number in
            NewMessage(
                identity: "alice", user: "alice", received: clock.wall,
                content: ByteBuffer(
                    string: #"{"msgId":"m\#(number)","msgType":1,"content":"\#(String(repeating: "x", count: 160))"}"#),
                awaitsConsumer: false)
        }
        stored += count
        return try time {
            let isStored: Bool = try ask { inbox, done in
                inbox.store(messages) { outcomes in
                    done(outcomes.allSatisfy { if case .stored = $0 { true } else { false } })
                }
            }
            if !isStored { throw BenchError("the inbox does not store") }
        }
    }

    /// What `/v1/status` asks of it.
    func askStatus() throws -> Double {
        try time {
            let _: Int = try ask { inbox, done in
                let status = inbox.status
                inbox.consumers { consumers in done(status.messages + ((try? consumers.get().count) ?? 0)) }
            }
        }
    }

    func askMessages() throws -> Double {
        let query = MessageQuery(after: MessagePosition(rawValue: Int64(filled / 2)))
        return try time {
            let count: Int = try ask { inbox, done in
                inbox.messages(query) { done((try? $0.get().messages.count) ?? 0) }
            }
            if count != 100 { throw BenchError("a page of \(count) messages") }
        }
    }

    func askDeadLetters() throws -> Double {
        let query = DeadLetterQuery(after: MessagePosition(rawValue: Int64(filled / 2)))
        return try time {
            let count: Int = try ask { inbox, done in
                inbox.deadLetters(query) { done((try? $0.get().deadLetters.count) ?? 0) }
            }
            if count != 100 { throw BenchError("a page of \(count) dead letters") }
        }
    }

    private func time(_ body: () throws -> Void) throws -> Double {
        let begin = clock.now
        try body()
        return (clock.now - begin).microseconds
    }

    private func ask<Answer: Sendable>(
        _ question: @escaping @Sendable (Inbox, @escaping (Answer) -> Void) -> Void
    ) throws -> Answer {
        let promise = Self.loop.makePromise(of: Answer.self)
        let held = held
        Self.loop.execute {
            guard let inbox = held.value.inbox else { return promise.fail(ChannelError.alreadyClosed) }
            question(inbox) { promise.succeed($0) }
        }
        return try promise.futureResult.wait()
    }
}
