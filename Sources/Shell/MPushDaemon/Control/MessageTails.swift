import MPushControl
import MPushInbox
import MPushLocalAPI

/// Those who follow messages without a name: they get what comes while they keep up, and are told when they did not.
/// Belongs to the event loop.
final class MessageTails {
    /// One of them.
    final class Tail: ControlSubscription {
        fileprivate weak var stream: (any ControlStream)?
        fileprivate var isFull = false
        private let onClose: (Tail) -> Void

        init(_ stream: any ControlStream, onClose: @escaping (Tail) -> Void) {
            self.stream = stream
            self.onClose = onClose
        }

        func wantsMore() {
            isFull = false
        }

        func close() {
            stream = nil
            onClose(self)
        }
    }

    private var tails: [Tail] = []

    var isEmpty: Bool { tails.isEmpty }

    func add(_ stream: any ControlStream) -> Tail {
        let tail = Tail(stream) { [weak self] gone in self?.tails.removeAll { $0 === gone } }
        tails.append(tail)
        return tail
    }

    /// Messages were stored just now.
    func stored(_ messages: [StoredMessage]) {
        guard !tails.isEmpty, !messages.isEmpty else { return }
        let reports = messages.map(MessageReport.init)
        for tail in tails {
            guard !tail.isFull else {
                // Without a name there is nothing to come back to, and a gap must not go unseen.
                tail.stream?.end("more came than was read; follow with a consumer's name to miss nothing")
                tail.close()
                continue
            }
            tail.isFull = tail.stream?.send(reports) == false
        }
    }

    /// The daemon stops.
    func end(_ reason: String) {
        for tail in tails { tail.stream?.end(reason) }
        tails = []
    }
}
