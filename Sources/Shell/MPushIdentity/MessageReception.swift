import MPushConnection
package import MPushControl
import MPushModel
import MPushPlatform
import MPushSession
import NIOCore

/// Takes the messages of one identity's connections to their consumer, and what becomes of them back to the connection
/// that they came over. Belongs to the event loop.
final class MessageReception {
    /// Between two lines that say the same.
    private static let pause = Duration.seconds(60)

    private let budget: IntakeBudget
    private let consumer: any MessageConsumer
    private let clock: any ClockSource
    /// Told when a batch is done with whose connection is gone: the end of the identity may wait for that.
    private let onDone: () -> Void
    /// How many batches the consumer has and did not confirm yet, whatever became of their connection.
    private var batchesUnderWay = 0
    private var lastNotTaken: Instant?
    private var lastBehind: Instant?
    private(set) var counters = MessageCounters()

    init(
        budget: IntakeBudget, consumer: any MessageConsumer, clock: any ClockSource, onDone: @escaping () -> Void
    ) {
        self.clock = clock
        self.budget = budget
        self.consumer = consumer
        self.onDone = onDone
    }

    /// Whether the consumer has done with all that it took.
    var isIdle: Bool { batchesUnderWay == 0 }

    /// Opens and closes the reading of one connection by what waits to be confirmed.
    func makeGate(for handler: ConnectionHandler) -> ReadingGate {
        ReadingGate(budget) { [weak handler] in handler?.setConsumerIsBehind(false) }
    }

    /// Messages came over `connection`.
    func received(
        _ messages: [ReceivedMessage], from origin: MessageOrigin, over connection: LiveConnection, log: IdentityLog
    ) {
        let bytes = messages.reduce(0) { $0 + $1.content.readableBytes }
        counters.received += UInt64(messages.count)
        counters.receivedBytes += UInt64(bytes)
        budget.take(messages: messages.count, bytes: bytes)
        if connection.gate.received(messages: messages.count, bytes: bytes) {
            connection.handler.setConsumerIsBehind(true)
            if isTime(since: \.lastBehind) { log.behind(user: origin.user) }
        }
        batchesUnderWay += 1
        let arrived = clock.now
        let confirmer = ConnectionConfirmer(connection.handler)
        consumer.take(messages, from: origin, confirmer: confirmer) { [self, weak connection] taken in
            budget.giveBack(messages: messages.count, bytes: bytes)
            confirm(messages, taken, by: connection?.handler)
            let refused = count(taken)
            if refused > 0, isTime(since: \.lastNotTaken) {
                log.notTaken(refused, why: taken.refusal ?? "they could not be stored", user: origin.user)
            }
            counters.ackLatency.observe(clock.now - arrived)
            batchesUnderWay -= 1
            if let connection { connection.gate.confirmed(messages: messages.count, bytes: bytes) } else { onDone() }
        }
    }

    private func confirm(_ messages: [ReceivedMessage], _ taken: TakenMessages, by handler: ConnectionHandler?) {
        guard let handler else { return }
        let pairs = zip(messages, taken.progress)
        handler.messagesConfirmed(pairs.lazy.filter { $0.1 != nil }.map(\.0), .stored)
        handler.messagesConfirmed(pairs.lazy.filter { $0.1 == .consumed }.map(\.0), .consumed)
    }

    /// Gives how many were refused.
    private func count(_ taken: TakenMessages) -> Int {
        let refused = taken.progress.count { $0 == nil }
        counters.duplicates += UInt64(taken.duplicates)
        counters.refused += UInt64(refused)
        counters.stored += UInt64(taken.progress.count - refused - taken.duplicates)
        return refused
    }

    /// Whether something may be said again, once a minute at most.
    private func isTime(since last: ReferenceWritableKeyPath<MessageReception, Instant?>) -> Bool {
        let now = clock.now
        if let before = self[keyPath: last], now - before < MessageReception.pause { return false }
        self[keyPath: last] = now
        return true
    }
}

/// What became of an identity's messages since the start.
package struct MessageCounters {
    package var received: UInt64 = 0
    package var receivedBytes: UInt64 = 0
    package var stored: UInt64 = 0
    package var duplicates: UInt64 = 0
    package var refused: UInt64 = 0
    package var ackLatency = Histogram(.local)

    /// What came for another identity.
    mutating func add(_ other: MessageCounters) {
        received &+= other.received
        receivedBytes &+= other.receivedBytes
        stored &+= other.stored
        duplicates &+= other.duplicates
        refused &+= other.refused
        ackLatency.add(other.ackLatency)
    }
}

/// Takes late confirmations of messages back to the connection that they came over, if that is still there.
private final class ConnectionConfirmer: MessageConfirmer {
    private weak var handler: ConnectionHandler?

    init(_ handler: ConnectionHandler) {
        self.handler = handler
    }

    func messageConsumed(_ message: ReceivedMessage) {
        handler?.messagesConfirmed(CollectionOfOne(message), .consumed)
    }
}
