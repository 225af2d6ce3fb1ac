import MPushConfiguration
import MPushConnection
import MPushControl
import MPushDelivery
import MPushInbox
import MPushLocalAPI

/// Who follows what.
extension DaemonControl {
    func followMessages(
        _ question: FollowQuestion, to stream: any ControlStream, answer: @escaping Answer<any ControlSubscription>
    ) {
        guard let name = question.consumer else { return answer(.success(tails.add(stream))) }
        guard let delivery = daemon.delivery, daemon.exitCode == nil else {
            return answer(.failure(Problem(.stopping, "mpushd is starting or stopping.")))
        }
        let window = question.window ?? daemon.settings.configuration.api.followerWindow
        let sink = StreamSink(stream)
        delivery.follow(name, window: window, fromOldest: question.start == .oldest, sink: sink) { result in
            answer(
                result.mapError(\.problem).map { follower in
                    FollowerSubscription(follower, sink) as any ControlSubscription
                })
        }
    }

    func followEvents(
        after sequence: UInt64, to stream: any ControlStream, answer: @escaping Answer<any ControlSubscription>
    ) {
        let follower = eventFollowers.add(stream, of: daemon.events, after: sequence)
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

    func take(_ messages: [StoredMessage]) -> Bool { stream?.send(messages.map(MessageReport.init)) ?? false }

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
