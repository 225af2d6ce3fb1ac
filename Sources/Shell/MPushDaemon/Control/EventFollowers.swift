import MPushControl
import MPushLocalAPI

/// Those who follow events, each at its own pace. Belongs to the event loop.
final class EventFollowers {
    /// One of them: where it has come to in the ring.
    final class Follower: ControlSubscription {
        private weak var stream: (any ControlStream)?
        private let ring: EventRing
        private var last: UInt64
        private var isFull = false
        private let onClose: (Follower) -> Void
        private static let page = 64

        init(_ stream: any ControlStream, of ring: EventRing, after last: UInt64, onClose: @escaping (Follower) -> Void)
        {
            self.stream = stream
            self.ring = ring
            self.last = last
            self.onClose = onClose
        }

        func wantsMore() {
            isFull = false
            send()
        }

        func close() {
            stream = nil
            onClose(self)
        }

        /// Sends what is new, as far as the stream takes it: what gives way in the ring meanwhile is missed, which shows
        /// in the numbers.
        func send() {
            while !isFull, let stream {
                let entries = ring.entries(after: last, limit: Follower.page)
                guard let end = entries.last?.sequence else { return }
                last = end
                isFull = !stream.send(entries.map(EventReport.init))
            }
        }
    }

    private var followers: [Follower] = []

    func add(_ stream: any ControlStream, of ring: EventRing, after sequence: UInt64) -> Follower {
        let follower = Follower(stream, of: ring, after: sequence) { [weak self] gone in
            self?.followers.removeAll { $0 === gone }
        }
        followers.append(follower)
        return follower
    }

    /// There are new events.
    func tell() {
        for follower in followers { follower.send() }
    }
}
