import MPushConfiguration
import MPushConnection
import MPushControl
import MPushDelivery
import MPushInbox
import MPushModel

/// Who follows what.
extension DaemonService {
    func followMessages(
        _ question: FollowQuestion, to stream: any ControlStream, answer: @escaping Answer<any ControlSubscription>
    ) {
        guard let name = question.consumer else { return answer(.success(tails.add(stream))) }
        guard !isStopping, let settings else { return answer(.failure(Problem(.stopping, "mpushd is stopping."))) }
        let window = question.window ?? settings.configuration.api.followerWindow
        let sink = StreamSink(stream)
        delivery.follow(name, window: window, fromOldest: question.start == .oldest, sink: sink) { result in
            answer(
                result.mapError(\.problem).map { follower in
                    FollowerSubscription(follower, sink) as any ControlSubscription
                })
        }
    }

    func followEvents(
        _ question: EventStart, to stream: any ControlStream, answer: @escaping Answer<any ControlSubscription>
    ) {
        let follower = eventFollowers.add(stream, of: events, after: question.after)
        answer(.success(follower))
        follower.send()
    }
}

/// A named follower's messages on their way to a client.
private final class StreamSink: FollowerSink {
    private weak var stream: (any ControlStream)?

    init(_ stream: any ControlStream) {
        self.stream = stream
    }

    func take(_ messages: [StoredMessage]) -> Bool { stream?.send(messages) ?? false }

    func followerEnded(_ reason: String) {
        stream?.end(reason)
    }
}

/// Holds the follower, and what its messages go to, for as long as the client is there.
private final class FollowerSubscription: ControlSubscription {
    private let follower: Follower
    private let sink: StreamSink

    init(_ follower: Follower, _ sink: StreamSink) {
        self.follower = follower
        self.sink = sink
    }

    func wantsMore() { follower.wantsMore() }

    func close() { follower.close() }
}

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
                isFull = !stream.send(entries)
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
    func eventsCame() {
        for follower in followers { follower.send() }
    }
}

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

    func add(_ stream: any ControlStream) -> Tail {
        let tail = Tail(stream) { [weak self] gone in self?.tails.removeAll { $0 === gone } }
        tails.append(tail)
        return tail
    }

    /// Messages were stored just now.
    func stored(_ messages: [StoredMessage]) {
        guard !tails.isEmpty, !messages.isEmpty else { return }
        for tail in tails {
            guard !tail.isFull else {
                // Without a name there is nothing to come back to, and a gap must not go unseen.
                tail.stream?.end(
                    "messages came faster than they were read; follow with a consumer's name to miss nothing")
                tail.close()
                continue
            }
            tail.isFull = tail.stream?.send(messages) == false
        }
    }

    /// The daemon stops.
    func end(_ reason: String) {
        for tail in tails { tail.stream?.end(reason) }
        tails = []
    }
}
