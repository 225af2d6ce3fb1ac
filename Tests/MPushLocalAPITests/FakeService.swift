import MPushControl
import MPushJSON
import MPushModel

@testable import MPushLocalAPI

/// A daemon that answers with samples, remembers what it was asked, and streams what the test hands it. Belongs to its loop.
final class FakeService: ControlService {
    final class Subscription: ControlSubscription {
        var isClosed = false
        var wants = 0
        var onWantsMore: () -> Void = {}
        var onClose: () -> Void = {}

        func wantsMore() {
            wants += 1
            onWantsMore()
        }

        func close() {
            isClosed = true
            onClose()
        }
    }

    var asked: [String] = []
    var isHealthy = true
    /// Answers `push` with this, where it is set.
    var pushProblem: Problem?
    /// Keeps the answers to `push` back.
    var isHolding = false
    var held: [() -> Void] = []
    var onFollow: (any ControlStream, Subscription) -> Void = { _, _ in }
    var subscriptions: [Subscription] = []

    var status: DaemonStatus { Samples.status }

    var health: HealthReport {
        HealthReport(
            isHealthy: isHealthy,
            identities: [IdentityState(identity: "alice", state: isHealthy ? .online : .waiting)])
    }

    var metricsText: String { "# HELP a b\n# TYPE a gauge\na 1\n" }

    func messages(_ query: MessageQuery, answer: @escaping Answer<MessagePage>) {
        asked.append("messages \(query)")
        var page = MessagePage(messages: [Samples.message("x"), Samples.message([0xFF])])
        page.next = MessagePosition(rawValue: 8)
        answer(.success(page))
    }

    func consumers(answer: @escaping Answer<ConsumerList>) {
        answer(.success(ConsumerList(consumers: [Samples.consumer])))
    }

    func deadLetters(_ query: DeadLetterQuery, answer: @escaping Answer<DeadLetterPage>) {
        asked.append("deadLetters \(query)")
        answer(.success(DeadLetterPage(deadLetters: [Samples.deadLetter])))
    }

    func events(_ question: EventQuestion) -> EventPage {
        var page = EventPage(events: [Samples.event], oldest: 1)
        page.next = question.after + 1
        return page
    }

    func followMessages(
        _ question: FollowQuestion, to stream: any ControlStream, answer: @escaping Answer<any ControlSubscription>
    ) {
        asked.append("follow \(question.consumer ?? "-") \(question.start) \(question.window ?? 0)")
        if question.consumer == "unknown" { return answer(.failure(Problem(.inboxFailing, "the disk is full"))) }
        follow(stream, answer)
    }

    func followEvents(
        after sequence: UInt64, to stream: any ControlStream, answer: @escaping Answer<any ControlSubscription>
    ) {
        asked.append("followEvents \(sequence)")
        follow(stream, answer)
    }

    private func follow(_ stream: any ControlStream, _ answer: @escaping Answer<any ControlSubscription>) {
        let subscription = Subscription()
        subscriptions.append(subscription)
        answer(.success(subscription))
        onFollow(stream, subscription)
    }

    func acknowledge(_ request: AckRequest, by consumer: String, answer: @escaping Answer<AckAnswer>) {
        asked.append("acknowledge \(consumer) \(request.json.text)")
        answer(.success(AckAnswer(consumer: consumer, acknowledged: 1)))
    }

    func removeConsumer(_ name: String, answer: @escaping Answer<Void>) {
        answer(name == "c" ? .success(()) : .failure(Problem(.noSuchConsumer, "there is no consumer \(name)")))
    }

    func push(_ request: PushRequest, answer: @escaping Answer<PushAnswer>) {
        asked.append("push \(request.content.bytes.count)")
        let reply: Result<PushAnswer, Problem> =
            pushProblem.map { .failure($0) }
            ?? .success(PushAnswer(identity: "alice", isAcknowledged: request.awaitsAck, took: .milliseconds(34)))
        if isHolding { held.append { answer(reply) } } else { answer(reply) }
    }

    func http(_ request: ControlHTTPRequest, answer: @escaping Answer<ControlHTTPAnswer>) {
        asked.append("http \(request.method) \(request.url) \(request.headers.map(\.name))")
        var reply = ControlHTTPAnswer(
            identity: "alice", status: 200, reason: "OK", body: MessageContent("hello"), took: .seconds(1))
        reply.headers = [HeadField(name: "Content-Type", value: "text/plain")]
        answer(.success(reply))
    }

    func bind(_ request: ControlBindRequest, answer: @escaping Answer<BindAnswer>) {
        bound(request.identity, request.user, request.tags ?? [], answer)
    }

    func unbind(_ request: UnbindRequest, answer: @escaping Answer<BindAnswer>) {
        bound(request.identity, nil, [], answer)
    }

    func setTags(_ request: TagsRequest, answer: @escaping Answer<BindAnswer>) {
        bound(request.identity, "alice", request.tags, answer)
    }

    private func bound(_ identity: String, _ user: String?, _ tags: [String], _ answer: Answer<BindAnswer>) {
        var reply = BindAnswer(identity: identity)
        reply.user = user
        reply.tags = tags
        answer(.success(reply))
    }

    func steer(_ order: SteeringOrder, _ request: SteeringRequest, answer: @escaping Answer<SteeringAnswer>) {
        asked.append("\(order) \(request.identity ?? "all")")
        answer(.success(SteeringAnswer(identities: [IdentityState(identity: "alice", state: .paused)])))
    }

    func reload(answer: @escaping Answer<ReloadAnswer>) {
        asked.append("reload")
        answer(.success(ReloadAnswer(file: "/etc/mpushd/mpushd.toml", summary: "1 identity", warnings: ["w"])))
    }

    func sendAgain(_ selection: DeadLetterSelection, answer: @escaping Answer<DeadLetterAnswer>) {
        answer(.success(DeadLetterAnswer(route: selection.route, count: 2)))
    }

    func discard(_ selection: DeadLetterSelection, answer: @escaping Answer<DeadLetterAnswer>) {
        answer(.success(DeadLetterAnswer(route: selection.route, count: 3)))
    }
}
