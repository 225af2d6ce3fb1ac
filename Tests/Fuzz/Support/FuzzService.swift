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

    private func reply<Value>(_ value: Value, _ answer: @escaping EndpointHandler.Answer<Value>) {
        if isHolding { held.append { answer(.success(value)) } } else { answer(.success(value)) }
    }

    var handlers: [EndpointHandler] {
        [
            EndpointHandler(ControlAPI.status) { _ in
                DaemonStatus(
                    version: "1", processID: 1, started: WallTime(millisecondsSince1970: 0), uptime: .zero,
                    configurationFile: "f")
            },
            EndpointHandler(ControlAPI.health) { _ in HealthReport(isHealthy: false, identities: []) },
            EndpointHandler(ControlAPI.metrics) { _ in MetricsText(bytes: Array("a 1\n".utf8)) },
            EndpointHandler(ControlAPI.listEvents) { _ in EventPage(events: [], oldest: 0) },
            EndpointHandler(ControlAPI.listMessages) { [self] _, answer in reply(MessagePage(messages: []), answer) },
            EndpointHandler(ControlAPI.listConsumers) { [self] _, answer in
                reply(ConsumerList(consumers: []), answer)
            },
            EndpointHandler(ControlAPI.listDeadLetters) { [self] _, answer in
                reply(DeadLetterPage(deadLetters: []), answer)
            },
            EndpointHandler(ControlAPI.followMessages, consumer: \.consumer) { question, stream, answer in
                answer(.success(Subscription()))
                _ = stream.send([ReloadAnswer(file: "f", summary: "s", warnings: [])])
                if question.window == 7 { stream.end("seven") }
            },
            EndpointHandler(ControlAPI.followEvents) { question, _, answer in
                if question.after == 7 { return answer(.failure(Problem(.inboxFailing, "seven"))) }
                answer(.success(Subscription()))
            },
        ] + changing
    }

    private var changing: [EndpointHandler] {
        [
            EndpointHandler(ControlAPI.acknowledge) { [self] request, answer in
                reply(AckAnswer(consumer: request.consumer, acknowledged: 1), answer)
            },
            EndpointHandler(ControlAPI.removeConsumer) { [self] _, answer in reply(NoContent(), answer) },
            EndpointHandler(ControlAPI.push) { [self] request, answer in
                reply(PushAnswer(identity: "i", isAcknowledged: request.awaitsAck, took: .zero), answer)
            },
            EndpointHandler(ControlAPI.http) { [self] request, answer in
                let content = request.body ?? MessageContent(request.url)
                reply(ControlHTTPAnswer(identity: "i", status: 200, reason: "OK", body: content, took: .zero), answer)
            },
            EndpointHandler(ControlAPI.bind) { [self] in reply(BindAnswer(identity: $0.identity), $1) },
            EndpointHandler(ControlAPI.unbind) { [self] in reply(BindAnswer(identity: $0.identity), $1) },
            EndpointHandler(ControlAPI.setTags) { [self] in reply(BindAnswer(identity: $0.identity), $1) },
            EndpointHandler(ControlAPI.pause) { [self] in reply(SteeringAnswer(identities: []), $1) },
            EndpointHandler(ControlAPI.resume) { [self] in reply(SteeringAnswer(identities: []), $1) },
            EndpointHandler(ControlAPI.reconnect) { [self] in reply(SteeringAnswer(identities: []), $1) },
            EndpointHandler(ControlAPI.reload) { [self] in
                reply(ReloadAnswer(file: "f", summary: "s", warnings: []), $1)
            },
            EndpointHandler(ControlAPI.sendAgain) { [self] in
                reply(DeadLetterAnswer(route: $0.route, count: 1), $1)
            },
            EndpointHandler(ControlAPI.discard) { [self] in
                reply(DeadLetterAnswer(route: $0.route, count: 1), $1)
            },
        ]
    }
}
