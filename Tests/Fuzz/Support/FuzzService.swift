import MPushControl
import MPushLocalAPI
import MPushModel

/// A daemon that has nothing, and does nothing. Where it keeps its answers back they come when it is told so.
final class FuzzService: ControlService {
    private final class Subscription: ControlSubscription {
        func wantsMore() {}
        func close() {}
    }

    var isHolding = false
    private var held: [() -> Void] = []

    /// All answers that were kept back, each of them twice: the second must be without effect.
    func release() {
        let held = held
        self.held = []
        for answer in held + held { answer() }
    }

    private func reply<Value>(_ value: Value, _ answer: @escaping Answer<Value>) {
        if isHolding { held.append { answer(.success(value)) } } else { answer(.success(value)) }
    }

    let status = DaemonStatus(
        version: "1", processID: 1, started: WallTime(millisecondsSince1970: 0), uptime: .zero, configurationFile: "f")
    let health = HealthReport(isHealthy: false, identities: [])
    let metricsText = "a 1\n"

    func messages(_ query: MessageQuery, answer: @escaping Answer<MessagePage>) {
        reply(MessagePage(messages: []), answer)
    }

    func consumers(answer: @escaping Answer<ConsumerList>) { reply(ConsumerList(consumers: []), answer) }

    func deadLetters(_ query: DeadLetterQuery, answer: @escaping Answer<DeadLetterPage>) {
        reply(DeadLetterPage(deadLetters: []), answer)
    }

    func events(_ question: EventQuestion) -> EventPage { EventPage(events: [], oldest: 0) }

    func followMessages(
        _ question: FollowQuestion, to stream: any ControlStream, answer: @escaping Answer<any ControlSubscription>
    ) {
        answer(.success(Subscription()))
        _ = stream.send([ReloadAnswer(file: "f", summary: "s", warnings: [])])
        if question.window == 7 { stream.end("seven") }
    }

    func followEvents(
        after sequence: UInt64, to stream: any ControlStream, answer: @escaping Answer<any ControlSubscription>
    ) {
        if sequence == 7 { return answer(.failure(Problem(.inboxFailing, "seven"))) }
        answer(.success(Subscription()))
    }

    func acknowledge(_ request: AckRequest, by consumer: String, answer: @escaping Answer<AckAnswer>) {
        reply(AckAnswer(consumer: consumer, acknowledged: 1), answer)
    }

    func removeConsumer(_ name: String, answer: @escaping Answer<Void>) { reply((), answer) }

    func push(_ request: PushRequest, answer: @escaping Answer<PushAnswer>) {
        reply(PushAnswer(identity: "i", isAcknowledged: request.awaitsAck, took: .zero), answer)
    }

    func http(_ request: ControlHTTPRequest, answer: @escaping Answer<ControlHTTPAnswer>) {
        let content = request.body ?? MessageContent(request.url)
        reply(ControlHTTPAnswer(identity: "i", status: 200, reason: "OK", body: content, took: .zero), answer)
    }

    func bind(_ request: ControlBindRequest, answer: @escaping Answer<BindAnswer>) {
        reply(BindAnswer(identity: request.identity), answer)
    }

    func unbind(_ request: UnbindRequest, answer: @escaping Answer<BindAnswer>) {
        reply(BindAnswer(identity: request.identity), answer)
    }

    func setTags(_ request: TagsRequest, answer: @escaping Answer<BindAnswer>) {
        reply(BindAnswer(identity: request.identity), answer)
    }

    func steer(_ order: SteeringOrder, _ request: SteeringRequest, answer: @escaping Answer<SteeringAnswer>) {
        reply(SteeringAnswer(identities: []), answer)
    }

    func reload(answer: @escaping Answer<ReloadAnswer>) {
        reply(ReloadAnswer(file: "f", summary: "s", warnings: []), answer)
    }

    func sendAgain(_ selection: DeadLetterSelection, answer: @escaping Answer<DeadLetterAnswer>) {
        reply(DeadLetterAnswer(route: selection.route, count: 1), answer)
    }

    func discard(_ selection: DeadLetterSelection, answer: @escaping Answer<DeadLetterAnswer>) {
        reply(DeadLetterAnswer(route: selection.route, count: 1), answer)
    }
}
