import MPushConfiguration
import MPushConnection
import MPushInbox
package import MPushModel
import MPushRouting

/// What operators do with routes.
extension Delivery {
    /// Takes back dead letters of `route`, to be sent again: those at `positions`, or all. `done` has how many there were.
    package func sendAgain(
        _ positions: [MessagePosition]?, of route: String, done: @escaping (Result<Int, InboxFailure>) -> Void
    ) {
        guard let runner = runner(of: route) else { return done(.failure(Delivery.noRoute(route))) }
        environment.inbox.returnDeadLetters(positions, of: .route(route)) { [weak self] answer in
            if case .success(let returned) = answer {
                runner.returned(returned)
                self?.observer?.deliveryChanged()
            }
            done(answer.map(\.count))
        }
    }

    /// Forgets dead letters of `route`: those at `positions`, or all. `done` has how many there were.
    package func discard(
        _ positions: [MessagePosition]?, of route: String, done: @escaping (Result<Int, InboxFailure>) -> Void
    ) {
        environment.inbox.discardDeadLetters(positions, of: .route(route)) { [weak self] answer in
            if case .success = answer {
                self?.observer?.deliveryChanged()
            }
            done(answer)
        }
    }

    /// Has `route` hand nothing over for so long, also after a restart; nil lets it go on. `done` has how it is then.
    package func suspend(
        _ route: String, _ pause: RoutePause?, done: @escaping (Result<RouteStatus, InboxFailure>) -> Void
    ) {
        guard let runner = runner(of: route) else { return done(.failure(Delivery.noRoute(route))) }
        environment.inbox.pauseConsumer(.route(route), pause) { [weak self] failure in
            if let failure { return done(.failure(failure)) }
            runner.suspend(pause)
            self?.observer?.deliveryChanged()
            done(.success(runner.status))
        }
    }

    /// Hands `sample`, which is no message of the inbox, to the target of `route` once. `done` has how that ended and how long
    /// it took; nil where there is no such route, or too much is tested already.
    package func test(
        _ route: String, _ sample: StoredMessage, done: @escaping ((AttemptResult, Duration)?) -> Void
    ) {
        guard let runner = runner(of: route), runner.test(sample, done: { done(($0, $1)) }) else { return done(nil) }
    }

    /// Whether the filter of `route`, as it is now, wants `message`; nil where there is no such route.
    package func wants(_ message: StoredMessage, _ route: String) -> Bool? {
        runner(of: route)?.route.settings.filter.wants(message)
    }

    /// Whether an attempt of `route` at the message at `position` is under way.
    package func isRunning(_ position: MessagePosition, of route: String) -> Bool {
        runner(of: route)?.attempts.includes(position) == true
    }

    /// How long after its arrival `message` was acknowledged to its sender; nil where that is not known any more, or was not.
    package func acknowledgedAfter(_ position: MessagePosition) -> Duration? { acks.times[position] }

    private func runner(of route: String) -> RouteRunner? { routes.first { $0.name == route } }

    private static func noRoute(_ name: String) -> InboxFailure { InboxFailure(.noSuch, "There is no route \(name)") }
}
