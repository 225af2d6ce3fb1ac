import MPushConnection
import MPushControl
import MPushDelivery
import MPushIdentity
import MPushInbox
import MPushJSON
import MPushModel
import MPushPlatform
import NIOCore

/// Routes, and what became of messages with them.
extension DaemonService {
    /// Has a route hand nothing over for so long; nil lets it go on.
    func suspend(_ route: String, _ pause: RoutePause?, answer: @escaping Answer<RouteStatus>) {
        delivery.suspend(route, pause) { [self] result in
            answer(result.mapError { $0.kind == .noSuch ? noSuchRoute(route) : $0.problem })
        }
    }

    /// The sample is marked by its id, and says in its content what it is.
    func testRoute(_ request: RouteTestRequest, answer: @escaping Answer<RouteTestAnswer>) {
        let route = request.route
        let now = clock.wall
        let id = "mpushd-test-\(now.millisecondsSince1970)"
        let content =
            request.sample?.bytes
            ?? Array(
                JSONValue.object(["test": .bool(true), "text": .string("A test of the route \(route)")]).text.utf8)
        let runner: IdentityRunner?
        do throws(Problem) {
            runner = try request.identity.map { name throws(Problem) in try self.runner(name) } ?? fleet.runners.first
        } catch {
            return answer(.failure(error))
        }
        let sample = StoredMessage(
            position: .start, id: id, identity: runner?.profile.name ?? "test",
            user: runner?.report(at: clock.now).user ?? "test", received: now, type: nil,
            content: ByteBuffer(bytes: content))
        guard let isWanted = delivery.wants(sample, route) else { return answer(.failure(noSuchRoute(route))) }
        delivery.test(route, sample) { outcome in
            guard let (result, took) = outcome else {
                return answer(
                    .failure(
                        Problem(.tooManyRequests, "The route \(route) is being tested already. Try again later.")))
            }
            answer(.success(RouteTestAnswer(route: route, id: id, result, took: took, isWanted: isWanted)))
        }
    }

    func trace(_ question: TraceQuestion, answer: @escaping Answer<TraceReport>) {
        inbox.trace(question.id) { [self] result in
            answer(
                result.mapError(\.problem).flatMap { trace in
                    guard let trace else {
                        return .failure(
                            Problem(
                                .noSuchMessage,
                                "There is no message \(question.id) in the inbox: it never came, or is no longer kept.",
                                ["id": .string(question.id)]))
                    }
                    return .success(report(trace))
                })
        }
    }

    private func report(_ trace: MessageTrace) -> TraceReport {
        var report = TraceReport(message: trace.message)
        report.others = trace.others
        report.acknowledgedAfter = delivery.acknowledgedAfter(trace.message.position)
        report.isConfirmed = trace.isConfirmed
        report.awaitsConfirmation = trace.awaitsConfirmation
        let routes = Dictionary(delivery.status.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        // Routes in the order of the configuration, then those that were, then followers.
        let places = Dictionary(
            uniqueKeysWithValues: delivery.status.enumerated().map { (ConsumerName.route($1.name), $0) })
        report.deliveries = trace.deliveries.enumerated().sorted { left, right in
            let (first, second) = (left.element.consumer, right.element.consumer)
            return (places[first] ?? places.count + (first.isRoute ? 0 : 1), left.offset)
                < (places[second] ?? places.count + (second.isRoute ? 0 : 1), right.offset)
        }.map { self.report($0.element, of: trace.message, routes[$0.element.consumer.text]) }
        return report
    }

    private func report(
        _ found: MessageTrace.Delivery, of message: StoredMessage, _ status: RouteStatus?
    ) -> DeliveryReport {
        let name = found.consumer.text
        let status = found.consumer.isRoute ? status : nil
        let isUnwanted = status != nil && delivery.wants(message, name) == false
        let isRunning = status != nil && delivery.isRunning(message.position, of: name)
        var report = DeliveryReport(
            consumer: name, kind: found.consumer.isRoute ? .route : .follower,
            state: found.fate.state(isUnwanted: isUnwanted, isRunning: isRunning))
        report.isActive = found.isActive
        switch found.fate {
        case .before: break
        case .done(let time): report.at = isUnwanted ? nil : time
        case .discarded(let time): report.at = time
        case .dead(let attempts, let reason, let time):
            (report.attempts, report.reason, report.at) = (attempts, reason, time)
        case .waiting(let attempts, let again, let isReturned):
            guard !isUnwanted else { break }
            if attempts > 0 { report.attempts = attempts }
            report.nextAttempt = again.flatMap { $0 > .zero ? $0 : nil }
            guard let status, !isRunning else { break }
            report.targetDownFor = status.targetDownFor
            report.nextAttempt = status.targetDownFor == nil ? report.nextAttempt : status.nextAttempt
            report.reason = status.waitingReason ?? (isReturned ? "it is sent again" : nil)
        }
        return report
    }
}

extension RouteStatus {
    /// Why its messages wait, in words; nil for no reason but those before them.
    fileprivate var waitingReason: String? {
        switch pause {
        case .untilResumed?: "the route is paused"
        case .lasting(let time)?: "the route is paused for another \(time.wholeSecondsUp.humanReadable)"
        case nil: state == .limited ? "max_per_minute is reached" : lastFailure
        }
    }
}

extension DeliveryFate {
    fileprivate func state(isUnwanted: Bool, isRunning: Bool) -> DeliveryReport.State {
        switch self {
        case .before: .before
        case .dead: .dead
        case .discarded: .discarded
        case .done: isUnwanted ? .passed : .done
        case .waiting: isRunning ? .running : isUnwanted ? .passed : .waiting
        }
    }
}

extension ConsumerName {
    fileprivate var isRoute: Bool {
        switch self {
        case .route: true
        case .follower: false
        }
    }
}
