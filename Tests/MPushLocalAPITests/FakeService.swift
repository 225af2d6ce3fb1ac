import MPushControl
import MPushJSON
import MPushModel
import MPushTestSupport

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

    var handlers: [EndpointHandler] { looking + following + changing }

    private var looking: [EndpointHandler] {
        [
            EndpointHandler(ControlAPI.status) { _ in Samples.status },
            EndpointHandler(ControlAPI.live) { [self] _ in LiveReport(stuck: isHealthy ? nil : "the inbox") },
            EndpointHandler(ControlAPI.ready) { [self] in health($0) },
            EndpointHandler(ControlAPI.health) { [self] in health($0) },
            EndpointHandler(ControlAPI.metrics) { _ in
                MetricsText(bytes: Array("# HELP a b\n# TYPE a gauge\na 1\n".utf8))
            },
            EndpointHandler(ControlAPI.listMessages) { [self] query in
                asked.append("messages \(query)")
                return MessagePage(
                    messages: [Samples.message("x"), Samples.message([0xFF])], next: MessagePosition(rawValue: 8))
            },
            EndpointHandler(ControlAPI.listRoutes) { _ in RouteList(routes: [Samples.route]) },
            EndpointHandler(ControlAPI.trace) { [self] question in
                asked.append("trace \(question.id)")
                return Samples.trace
            },
            EndpointHandler(ControlAPI.listConsumers) { _ in ConsumerList(consumers: [Samples.consumer]) },
            EndpointHandler(ControlAPI.listDeadLetters) { [self] query in
                asked.append("deadLetters \(query)")
                return DeadLetterPage(deadLetters: [Samples.deadLetter])
            },
            EndpointHandler(ControlAPI.listEvents) { question in
                var page = EventPage(events: [Samples.event], oldest: 1)
                page.next = question.after + 1
                return page
            },
        ]
    }

    private func health(_ question: HealthQuestion) -> HealthReport {
        var report = HealthReport(
            isHealthy: isHealthy,
            identities: [IdentityState(identity: "alice", state: isHealthy ? .online : .waiting)])
        if question.isVerbose {
            report.checks = [CheckReport(name: question.identity ?? "all", isGood: isHealthy, detail: "as set")]
        }
        return report
    }

    private var following: [EndpointHandler] {
        [
            EndpointHandler(ControlAPI.followMessages, consumer: \.consumer) { [self] question, stream, answer in
                asked.append("follow \(question.consumer ?? "-") \(question.start) \(question.window ?? 0)")
                if question.consumer == "unknown" {
                    return answer(.failure(Problem(.inboxFailing, "the disk is full")))
                }
                follow(stream, answer)
            },
            EndpointHandler(ControlAPI.followEvents) { [self] question, stream, answer in
                asked.append("followEvents \(question.after)")
                follow(stream, answer)
            },
        ]
    }

    private var changing: [EndpointHandler] {
        [
            EndpointHandler(ControlAPI.pauseRoute) { [self] request, answer in
                asked.append("pauseRoute \(request.route) \(request.pause)")
                answer(.success(Samples.route))
            },
            EndpointHandler(ControlAPI.resumeRoute) { request, answer in
                answer(.success(RouteStatus(name: request.route, kind: "exec")))
            },
            EndpointHandler(ControlAPI.testRoute) { request, answer in
                answer(
                    .success(
                        RouteTestAnswer(
                            route: request.route, id: "mpushd-test-1", .rejected("exit status 3"), took: .seconds(1),
                            isWanted: true)))
            },
            EndpointHandler(ControlAPI.acknowledge) { [self] request, answer in
                asked.append("acknowledge \(request.consumer) \(request.request.json.text)")
                answer(.success(AckAnswer(consumer: request.consumer, acknowledged: 1)))
            },
            EndpointHandler(ControlAPI.removeConsumer) { request, answer in
                answer(
                    request.consumer == "c"
                        ? .success(NoContent())
                        : .failure(Problem(.noSuchConsumer, "There is no consumer \(request.consumer)")))
            },
            EndpointHandler(ControlAPI.push, push), EndpointHandler(ControlAPI.http, http),
            EndpointHandler(ControlAPI.bind) { request, answer in
                answer(.success(FakeService.bound(request.identity, request.user, request.tags ?? [])))
            },
            EndpointHandler(ControlAPI.unbind) { request, answer in
                answer(.success(FakeService.bound(request.identity, nil, [])))
            },
            EndpointHandler(ControlAPI.setTags) { request, answer in
                answer(.success(FakeService.bound(request.identity, "alice", request.tags)))
            },
            EndpointHandler(ControlAPI.pause) { [self] in steer("pause", $0, $1) },
            EndpointHandler(ControlAPI.resume) { [self] in steer("resume", $0, $1) },
            EndpointHandler(ControlAPI.reconnect) { [self] in steer("reconnect", $0, $1) },
            EndpointHandler(ControlAPI.reload) { [self] _, answer in
                asked.append("reload")
                answer(
                    .success(ReloadAnswer(file: "/etc/mpushd/mpushd.toml", summary: "1 identity", warnings: ["w"])))
            },
            EndpointHandler(ControlAPI.sendAgain) { selection, answer in
                answer(.success(DeadLetterAnswer(route: selection.route, count: 2)))
            },
            EndpointHandler(ControlAPI.discard) { selection, answer in
                answer(.success(DeadLetterAnswer(route: selection.route, count: 3)))
            },
        ]
    }

    private func follow(
        _ stream: any ControlStream, _ answer: @escaping EndpointHandler.Answer<any ControlSubscription>
    ) {
        let subscription = Subscription()
        subscriptions.append(subscription)
        answer(.success(subscription))
        onFollow(stream, subscription)
    }

    private func push(_ request: PushRequest, answer: @escaping EndpointHandler.Answer<PushAnswer>) {
        asked.append("push \(request.content.bytes.count)")
        let reply: Result<PushAnswer, Problem> =
            pushProblem.map { .failure($0) }
            ?? .success(PushAnswer(identity: "alice", isAcknowledged: request.awaitsAck, took: .milliseconds(34)))
        if isHolding { held.append { answer(reply) } } else { answer(reply) }
    }

    private func http(_ request: ControlHTTPRequest, answer: @escaping EndpointHandler.Answer<ControlHTTPAnswer>) {
        asked.append("http \(request.method) \(request.url) \(request.headers.map(\.name))")
        var reply = ControlHTTPAnswer(
            identity: "alice", status: 200, reason: "OK", body: MessageContent("hello"), took: .seconds(1))
        reply.headers = [HeadField(name: "Content-Type", value: "text/plain")]
        answer(.success(reply))
    }

    private func steer(
        _ order: String, _ request: SteeringRequest, _ answer: EndpointHandler.Answer<SteeringAnswer>
    ) {
        asked.append("\(order) \(request.identity ?? "all")")
        answer(.success(SteeringAnswer(identities: [IdentityState(identity: "alice", state: .paused)])))
    }

    private static func bound(_ identity: String, _ user: String?, _ tags: [String]) -> BindAnswer {
        var reply = BindAnswer(identity: identity)
        reply.user = user
        reply.tags = tags
        return reply
    }
}
