import MPushConnection
import MPushDaemon
import MPushSession
import NIOConcurrencyHelpers
import NIOCore

/// Takes messages, and confirms them at once or when the test says so.
final class MessageCollector: MessageConsumer, @unchecked Sendable {
    private let contents = NIOLockedValueBox<[String]>([])
    private let confirmsAtOnce: Bool
    private var waiting: [() -> Void] = []

    /// Confirms at once, or only at `confirmAll`.
    init(confirmsAtOnce: Bool = true) {
        self.confirmsAtOnce = confirmsAtOnce
    }

    var received: [String] { contents.withLockedValue { $0 } }

    func take(
        _ messages: [ReceivedMessage], from origin: MessageOrigin, confirmer: any MessageConfirmer,
        done: @escaping (TakenMessages) -> Void
    ) {
        contents.withLockedValue { $0 += messages.map { String(buffer: $0.content) } }
        let taken = TakenMessages(messages.map { _ in .consumed })
        if confirmsAtOnce { done(taken) } else { waiting.append { done(taken) } }
    }

    /// To be called on the daemon's loop.
    func confirmAll() {
        let all = waiting
        waiting = []
        for done in all { done() }
    }
}
