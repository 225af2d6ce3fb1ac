import MPushControl
import MPushJSON
import MPushModel

/// Turns calls into questions to the service, and its answers into replies.
struct Dispatcher {
    let service: any ControlService

    /// Answers a call that is no stream, now or later; `body` is the whole of the request's.
    func answer(_ call: Call, body: [UInt8], reply: @escaping (Reply) -> Void) {
        do throws(Problem) {
            switch call.endpoint {
            case .status, .metrics, .health, .listEvents: try reply(look(call))
            case .listMessages:
                service.messages(try question(call.parameters)) { reply(Reply($0)) }
            case .listConsumers: service.consumers { reply(Reply($0)) }
            case .listDeadLetters:
                service.deadLetters(try deadLetterQuestion(call.parameters)) { reply(Reply($0)) }
            case .removeConsumer:
                service.removeConsumer(call.name ?? "") { result in
                    switch result {
                    case .success: reply(.noContent)
                    case .failure(let problem): reply(.problem(problem))
                    }
                }
            default: try change(call, body, reply: reply)
            }
        } catch {
            reply(.problem(error))
        }
    }

    /// Begins a stream, now or later.
    func follow(
        _ call: Call, to stream: any ControlStream,
        answer: @escaping (Result<any ControlSubscription, Problem>) -> Void
    ) {
        do throws(Problem) {
            if call.endpoint == .followEvents {
                let after = try call.parameters.number("after", in: 0...UInt64(Int64.max)) ?? 0
                service.followEvents(after: after, to: stream, answer: answer)
            } else {
                service.followMessages(try followQuestion(call.parameters), to: stream, answer: answer)
            }
        } catch {
            answer(.failure(error))
        }
    }

    private func look(_ call: Call) throws(Problem) -> Reply {
        switch call.endpoint {
        case .metrics: return .metrics(service.metricsText)
        case .health:
            let health = service.health
            return .json(health.json, status: health.isHealthy ? 200 : 503)
        case .listEvents:
            var question = EventQuestion()
            question.after = try call.parameters.number("after", in: 0...UInt64(Int64.max)) ?? 0
            question.limit = try call.parameters.number("limit", in: 1...1000) ?? question.limit
            return .json(service.events(question).json)
        default: return .json(service.status.json)
        }
    }

    private func change(_ call: Call, _ body: [UInt8], reply: @escaping (Reply) -> Void) throws(Problem) {
        switch call.endpoint {
        case .acknowledge:
            service.acknowledge(try read(body), by: call.name ?? "") { reply(Reply($0)) }
        case .push: service.push(try read(body)) { reply(Reply($0)) }
        case .http: service.http(try read(body)) { reply(Reply($0)) }
        case .bind: service.bind(try read(body)) { reply(Reply($0)) }
        case .unbind: service.unbind(try read(body)) { reply(Reply($0)) }
        case .setTags: service.setTags(try read(body)) { reply(Reply($0)) }
        case .pause: service.steer(.pause, try steering(body)) { reply(Reply($0)) }
        case .resume: service.steer(.resume, try steering(body)) { reply(Reply($0)) }
        case .reconnect: service.steer(.reconnect, try steering(body)) { reply(Reply($0)) }
        case .reload:
            if !body.isEmpty { let _: ReloadRequest = try read(body) }
            service.reload { reply(Reply($0)) }
        case .sendAgain: service.sendAgain(try read(body)) { reply(Reply($0)) }
        case .discard: service.discard(try read(body)) { reply(Reply($0)) }
        case .status, .listMessages, .followMessages, .listConsumers, .removeConsumer, .listEvents, .followEvents,
            .listDeadLetters, .metrics, .health:
            reply(.problem(Problem(.ownFault, "\(call.endpoint) is not a change")))
        }
    }

    // MARK: - Bodies

    private func steering(_ body: [UInt8]) throws(Problem) -> SteeringRequest {
        body.isEmpty ? SteeringRequest() : try read(body)
    }

    private func read<Value: ControlValue>(_ body: [UInt8]) throws(Problem) -> Value {
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONParser.parse(body)
        } catch {
            throw Problem(.badJSON, "the body is \(error)", ["offset": .integer(Int64(error.offset))])
        }
        do throws(ControlError) {
            return try Value(json: json)
        } catch {
            throw Problem(.badValue, "\(error)", ["pointer": .string(error.pointer)])
        }
    }

    // MARK: - Queries

    private enum Order: String, CaseIterable {
        case oldest
        case newest
    }

    private func question(_ parameters: QueryParameters) throws(Problem) -> MessageQuery {
        var question = MessageQuery()
        question.after = try position(parameters)
        question.limit = try parameters.number("limit", in: 1...1000) ?? question.limit
        question.identity = parameters["identity"]
        question.id = parameters["id"]
        question.consumer = parameters["route"].map(ConsumerName.route)
        question.state = try parameters.word("state")
        question.isNewestFirst = try parameters.word("order", as: Order.self) == .newest
        guard (question.consumer == nil) == (question.state == nil) else {
            throw Problem(.badValue, "the parameters route and state go together: a state is that with a route")
        }
        return question
    }

    private func position(_ parameters: QueryParameters) throws(Problem) -> MessagePosition {
        MessagePosition(rawValue: try parameters.number("after", in: 0...Int64.max) ?? 0)
    }

    private func followQuestion(_ parameters: QueryParameters) throws(Problem) -> FollowQuestion {
        var question = FollowQuestion()
        question.consumer = parameters["consumer"]
        if let consumer = question.consumer, !Call.isName(consumer) {
            throw Problem(
                .badValue, Call.nameRule("the parameter consumer"), ["parameter": .string("consumer")])
        }
        question.start = try parameters.word("from") ?? question.start
        question.window = try parameters.number("window", in: 1...10_000)
        if question.window != nil, question.consumer == nil {
            throw parameters.wrong("window", "is for a named consumer: a tail acknowledges nothing")
        }
        return question
    }

    private func deadLetterQuestion(_ parameters: QueryParameters) throws(Problem) -> DeadLetterQuery {
        var question = DeadLetterQuery()
        question.route = parameters["route"]
        question.after = try position(parameters)
        question.afterRoute = parameters["after_route"]
        question.limit = try parameters.number("limit", in: 1...1000) ?? question.limit
        return question
    }
}
