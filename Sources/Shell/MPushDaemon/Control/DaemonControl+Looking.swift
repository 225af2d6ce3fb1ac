import Glibc
import MPushControl
import MPushDelivery
import MPushIdentity
import MPushInbox
import MPushJSON
import MPushLocalAPI
import MPushModel
import MPushPlatform
import NIOCore

/// What there is to look at.
extension DaemonControl {
    var status: DaemonStatus {
        var status = DaemonStatus(
            version: daemon.options.version, processID: getpid(), started: daemon.started,
            uptime: BootClock.now() - daemon.startedAt, configurationFile: daemon.options.configurationFile)
        status.identities = daemon.runners.map { $0.report(at: BootClock.now()) }
        status.inbox = daemon.services.inbox.status
        status.routes = (daemon.delivery?.status ?? []).map(RouteReport.init)
        status.followers = connectedFollowers()
        return status
    }

    var health: HealthReport {
        let states = daemon.runners.map(\.controlState)
        return HealthReport(
            isHealthy: !states.isEmpty && states.allSatisfy(\.state.isBound)
                && daemon.services.inbox.status.isHealthy,
            identities: states)
    }

    var metricsText: String { daemon.metricsText }

    func messages(_ query: MessageQuery, answer: @escaping Answer<MessagePage>) {
        if case .route(let route)? = query.consumer,
            daemon.delivery?.status.contains(where: { $0.name == route }) != true
        {
            return answer(.failure(noSuchRoute(route)))
        }
        daemon.services.inbox.messages(query) { answer($0.mapError(\.problem)) }
    }

    func consumers(answer: @escaping Answer<ConsumerList>) {
        let connected = Set(connectedFollowers().compactMap(\.consumer))
        daemon.services.inbox.consumers { result in
            answer(
                result.mapError(\.problem).map { states in
                    let followers = states.compactMap { name, state -> ConsumerReport? in
                        guard case .follower(let name) = name else { return nil }
                        return ConsumerReport(
                            name: name, cursor: state.cursor.rawValue, acknowledgedAhead: state.settledAhead.count,
                            isConnected: connected.contains(name))
                    }
                    return ConsumerList(consumers: followers.sorted { $0.name < $1.name })
                })
        }
    }

    func deadLetters(_ query: DeadLetterQuery, answer: @escaping Answer<DeadLetterPage>) {
        daemon.services.inbox.deadLetters(query) { answer($0.mapError(\.problem)) }
    }

    func events(_ question: EventQuestion) -> EventPage {
        let entries = daemon.events.entries(after: question.after, limit: question.limit + 1)
        let oldest = daemon.events.entries(after: 0, limit: 1).first?.sequence ?? daemon.events.last
        let shown = entries.prefix(question.limit)
        var page = EventPage(events: shown.map(EventReport.init), oldest: oldest)
        if entries.count > shown.count { page.next = shown.last?.sequence }
        return page
    }

    func noSuchRoute(_ name: String) -> Problem {
        let names = (daemon.delivery?.status ?? []).map(\.name)
        return Problem(
            .noSuchRoute,
            names.isEmpty
                ? "There is no route \(name): none is configured."
                : "There is no route \(name). There are: \(names.joined(separator: ", ")).", ["route": .string(name)])
    }
}
