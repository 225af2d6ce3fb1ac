import MPushDaemon
import MPushSession
import NIOConcurrencyHelpers
import NIOCore

/// Takes messages, and confirms them at once or when the test says so.
final class MessageCollector: MessageConsumer, @unchecked Sendable {
    private let contents = NIOLockedValueBox<[String]>([])
    private let confirmsAtOnce: Bool
    private var waiting: [(MessageProgress?) -> Void] = []

    /// Confirms at once, or only at `confirmAll`.
    init(confirmsAtOnce: Bool = true) {
        self.confirmsAtOnce = confirmsAtOnce
    }

    var received: [String] { contents.withLockedValue { $0 } }

    func take(_ messages: [ReceivedMessage], from origin: MessageOrigin, done: @escaping (MessageProgress?) -> Void) {
        contents.withLockedValue { $0 += messages.map { String(buffer: $0.content) } }
        if confirmsAtOnce { done(.consumed) } else { waiting.append(done) }
    }

    /// To be called on the daemon's loop.
    func confirmAll() {
        let all = waiting
        waiting = []
        for done in all { done(.consumed) }
    }
}
