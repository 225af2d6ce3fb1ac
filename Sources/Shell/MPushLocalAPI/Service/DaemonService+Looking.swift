import Glibc
package import MPushControl
import MPushDelivery
import MPushIdentity
import MPushInbox
import MPushJSON
package import MPushModel
import MPushPlatform
import NIOCore

/// What there is to look at.
extension DaemonService {
    package var status: DaemonStatus {
        var status = DaemonStatus(
            version: facts.version, processID: getpid(), started: facts.started,
            uptime: clock.now - facts.startedAt, configurationFile: facts.configurationFile)
        status.identities = fleet.runners.map { $0.report(at: clock.now) }
        status.inbox = inboxStatus
        status.routes = delivery.status
        status.followers = connectedFollowers()
        return status
    }

    /// The inbox's part of the status, which costs nothing to look at.
    package var inboxStatus: InboxStatus { inbox.status }

    package func messages(_ query: MessageQuery, answer: @escaping Answer<MessagePage>) {
        if case .route(let route)? = query.consumer, !delivery.status.contains(where: { $0.name == route }) {
            return answer(.failure(noSuchRoute(route)))
        }
        inbox.messages(query) { [self] result in
            // One that was removed may have messages still.
            if case .success(let page) = result, page.messages.isEmpty, query.hasNoCondition, let name = query.identity,
                let problem = problem(ofIdentity: name)
            {
                return answer(.failure(problem))
            }
            answer(result.mapError(\.problem))
        }
    }

    package func consumers(_ query: NoQuery, answer: @escaping Answer<ConsumerList>) {
        let connected = Set(connectedFollowers().compactMap(\.consumer))
        inbox.consumers { result in
            answer(
                result.mapError(\.problem).map { states in
                    let followers = states.compactMap { name, state -> ConsumerReport? in
                        guard case .follower(let name) = name else { return nil }
                        return ConsumerReport(
                            name: name, cursor: state.cursor.rawValue, acknowledgedAhead: state.settledAhead,
                            isConnected: connected.contains(name))
                    }
                    return ConsumerList(consumers: followers.sorted { $0.name < $1.name })
                })
        }
    }

    package func deadLetters(_ query: DeadLetterQuery, answer: @escaping Answer<DeadLetterPage>) {
        inbox.deadLetters(query) { [self] result in
            // As with identities: a route that was removed may have some still.
            if case .success(let page) = result, page.deadLetters.isEmpty, query.after == .start,
                let name = query.route,
                !delivery.status.contains(where: { $0.name == name })
            {
                return answer(.failure(noSuchRoute(name)))
            }
            answer(result.mapError(\.problem))
        }
    }

    func events(_ question: EventQuestion) -> EventPage {
        let entries = events.entries(after: question.after, limit: question.limit + 1)
        let oldest = events.oldest ?? events.last
        let shown = entries.prefix(question.limit)
        var page = EventPage(events: Array(shown), oldest: oldest)
        if entries.count > shown.count { page.next = shown.last?.sequence }
        return page
    }

    private func problem(ofIdentity name: String) -> Problem? {
        do throws(Problem) {
            _ = try runner(name)
            return nil
        } catch {
            return error
        }
    }

    func noSuchRoute(_ name: String) -> Problem {
        let names = delivery.status.map(\.name)
        return Problem(
            .noSuchRoute,
            names.isEmpty
                ? "There is no route \(name): none is configured."
                : "There is no route \(name). There are: \(names.joined(separator: ", ")).", ["route": .string(name)])
    }
}

extension MessageQuery {
    /// Whether it asks for the first page of all messages of an identity, or of everybody.
    fileprivate var hasNoCondition: Bool {
        let start = isNewestFirst ? after : .start
        return self == MessageQuery(after: start, limit: limit, identity: identity, isNewestFirst: isNewestFirst)
    }
}
