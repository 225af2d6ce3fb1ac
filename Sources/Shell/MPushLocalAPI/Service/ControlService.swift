package import MPushControl
package import MPushModel

/// What the local API needs of the daemon. All is called on the event loop, and every answer must come there: once, now or
/// later; after the daemon's stop, too. Whether the caller may do it was checked before.
///
/// An `identity` that is nil means the only one; where there are several the answer is the problem `identity-needed`.
/// `Problem`s carry the identity as an extension member where there is one: `Problem(.notConnected, "...", ["identity": ...])`.
package protocol ControlService: AnyObject {
    /// Hears what became of a request.
    typealias Answer<Value> = (Result<Value, Problem>) -> Void

    // Looking

    var status: DaemonStatus { get }
    var health: HealthReport { get }
    /// The text of the metrics, in Prometheus' format 0.0.4.
    var metricsText: String { get }

    func messages(_ query: MessageQuery, answer: @escaping Answer<MessagePage>)
    func consumers(answer: @escaping Answer<ConsumerList>)
    func deadLetters(_ query: DeadLetterQuery, answer: @escaping Answer<DeadLetterPage>)
    func events(_ question: EventQuestion) -> EventPage

    // Following

    /// Sends `StoredMessage`s to `stream` from now on. The answer is what holds the follower; the stream closes it when the
    /// client goes, if the stream was not ended before. Nothing may be sent before the answer.
    func followMessages(
        _ question: FollowQuestion, to stream: any ControlStream, answer: @escaping Answer<any ControlSubscription>)

    /// Sends `EventReport`s to `stream`: those after `sequence` that are remembered, then what comes.
    func followEvents(
        after sequence: UInt64, to stream: any ControlStream, answer: @escaping Answer<any ControlSubscription>)

    // Changing

    func acknowledge(_ request: AckRequest, by consumer: String, answer: @escaping Answer<AckAnswer>)
    func removeConsumer(_ name: String, answer: @escaping Answer<Void>)
    func push(_ request: PushRequest, answer: @escaping Answer<PushAnswer>)
    func http(_ request: ControlHTTPRequest, answer: @escaping Answer<ControlHTTPAnswer>)
    func bind(_ request: ControlBindRequest, answer: @escaping Answer<BindAnswer>)
    func unbind(_ request: UnbindRequest, answer: @escaping Answer<BindAnswer>)
    func setTags(_ request: TagsRequest, answer: @escaping Answer<BindAnswer>)
    func steer(_ order: SteeringOrder, _ request: SteeringRequest, answer: @escaping Answer<SteeringAnswer>)
    /// The configuration, read again: it is in force with the answer, or `bad-configuration` and changes nothing.
    func reload(answer: @escaping Answer<ReloadAnswer>)
    func sendAgain(_ selection: DeadLetterSelection, answer: @escaping Answer<DeadLetterAnswer>)
    func discard(_ selection: DeadLetterSelection, answer: @escaping Answer<DeadLetterAnswer>)
}

/// What an operator may want of a connection.
package enum SteeringOrder: String, CaseIterable, Sendable {
    case pause
    case resume
    /// Now, without the wait for the next attempt; from the begin where there is a connection.
    case reconnect
}

/// A client that follows something, as the service sees it. Called on the event loop. It is made for a `FollowerSink` that
/// turns messages into reports and passes them on: the meanings are the same.
package protocol ControlStream: AnyObject {
    /// Takes items, in their order, a line each. False when that is enough for now: send nothing more until
    /// `ControlSubscription.wantsMore`. What was handed over is taken in any case.
    func send(_ items: [some ControlValue]) -> Bool
    /// The stream is over, for a reason in words: the client is told, then cut. Nothing may be sent any more, and
    /// `ControlSubscription.close` is not called.
    func end(_ reason: String)
}

/// The service's side of a stream: what feeds it. Called on the event loop. `Follower` of MPushDelivery is one by its
/// methods: `extension Follower: ControlSubscription {}`.
package protocol ControlSubscription: AnyObject {
    /// The stream can take more, after it said that it could not.
    func wantsMore()
    /// The client is gone, or was cut: nothing must be sent any more.
    func close()
}
