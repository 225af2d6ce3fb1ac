import Glibc
package import MPushConfiguration
package import MPushConnection
package import MPushControl
package import MPushDelivery
package import MPushIdentity
package import MPushInbox
import MPushJSON
package import MPushModel
package import MPushPlatform
import NIOCore

/// Who composes the daemon: has the configuration that is in force, and reads it again.
package protocol ConfigurationOwner: AnyObject {
    /// What is in force.
    var settings: LoadedSettings { get }
    /// Reads the configuration again. What is good is in force when this returns; what is bad changes nothing.
    func reload() throws(ConfigurationErrors)
}

/// What the local API does: looks at the daemon's parts, and asks them to change. It knows the parts, and of who composes
/// them only the configuration. Belongs to its event loop.
package final class DaemonService: ControlService {
    /// What does not change while the daemon runs.
    package struct Facts {
        /// Of the program: `1.0`
        package let version: String
        package let configurationFile: String
        package let started: WallTime
        package let startedAt: Instant

        package init(version: String, configurationFile: String, started: WallTime, startedAt: Instant) {
            self.version = version
            self.configurationFile = configurationFile
            self.started = started
            self.startedAt = startedAt
        }
    }

    let facts: Facts
    let fleet: IdentityFleet
    let delivery: Delivery
    let inbox: Inbox
    let events: EventRing
    let metrics: DeliveryMetrics
    /// Those who follow events.
    let eventFollowers = EventFollowers()
    /// Those who follow messages without a name: what comes, as it comes.
    let tails = MessageTails()
    /// Who follows what, known to the server that they are connected to.
    package var connectedFollowers: () -> [FollowerReport] = { [] }
    let timer: LoopTimer
    /// Where the kernel says what the process takes.
    let files: any FileStore
    private weak var owner: (any ConfigurationOwner)?
    private(set) var isStopping = false

    /// - Parameter owner: is not kept alive.
    package init(
        _ facts: Facts, fleet: IdentityFleet, delivery: Delivery, inbox: Inbox, events: EventRing,
        metrics: DeliveryMetrics, owner: any ConfigurationOwner, files: any FileStore, timer: LoopTimer
    ) {
        self.facts = facts
        self.fleet = fleet
        self.delivery = delivery
        self.inbox = inbox
        self.events = events
        self.metrics = metrics
        self.owner = owner
        self.files = files
        self.timer = timer
        events.listen { [weak eventFollowers] in eventFollowers?.eventsCame() }
    }

    var clock: any ClockSource { timer.clock }

    /// Hears what became of a request.
    package typealias Answer<Value> = EndpointHandler.Answer<Value>

    package var handlers: [EndpointHandler] {
        [
            EndpointHandler(ControlAPI.status) { [self] _ in status },
            EndpointHandler(ControlAPI.live, live), EndpointHandler(ControlAPI.ready, health),
            EndpointHandler(ControlAPI.health, health),
            EndpointHandler(ControlAPI.metrics) { [self] _ in MetricsText(bytes: Array(metricsText.utf8)) },
            EndpointHandler(ControlAPI.listEvents) { [self] question in events(question) },
            EndpointHandler(ControlAPI.listMessages, messages), EndpointHandler(ControlAPI.listConsumers, consumers),
            EndpointHandler(ControlAPI.listDeadLetters, deadLetters),
            EndpointHandler(ControlAPI.followMessages, consumer: \.consumer, followMessages),
            EndpointHandler(ControlAPI.followEvents, followEvents), EndpointHandler(ControlAPI.trace, trace),
            EndpointHandler(ControlAPI.listRoutes) { [self] _ in RouteList(routes: delivery.status) },
            EndpointHandler(ControlAPI.pauseRoute) { [self] in suspend($0.route, $0.pause, answer: $1) },
            EndpointHandler(ControlAPI.resumeRoute) { [self] in suspend($0.route, nil, answer: $1) },
            EndpointHandler(ControlAPI.testRoute, testRoute),
            EndpointHandler(ControlAPI.acknowledge, acknowledge),
            EndpointHandler(ControlAPI.removeConsumer, removeConsumer), EndpointHandler(ControlAPI.push, push),
            EndpointHandler(ControlAPI.http, http), EndpointHandler(ControlAPI.bind, bind),
            EndpointHandler(ControlAPI.unbind, unbind), EndpointHandler(ControlAPI.setTags, setTags),
            EndpointHandler(ControlAPI.pause) { [self] in steer(IdentityRunner.pause, $0, answer: $1) },
            EndpointHandler(ControlAPI.resume) { [self] in steer(IdentityRunner.resume, $0, answer: $1) },
            EndpointHandler(ControlAPI.reconnect) { [self] in steer(IdentityRunner.reconnect, $0, answer: $1) },
            EndpointHandler(ControlAPI.reload, reload), EndpointHandler(ControlAPI.sendAgain, sendAgain),
            EndpointHandler(ControlAPI.discard, discard),
        ]
    }

    /// Messages were stored just now.
    package func stored(_ messages: [StoredMessage]) { tails.stored(messages) }

    /// The daemon stops: followers without a name are told `reason`, and nothing is begun any more.
    package func stop(_ reason: String) {
        isStopping = true
        tails.end(reason)
    }

    // MARK: - The configuration

    /// Whoever has the configuration; where nobody has it any more, or all is about to end, that is the problem.
    func configurationOwner() throws(Problem) -> any ConfigurationOwner {
        guard !isStopping, let owner else { throw Problem(.stopping, "mpushd is stopping.") }
        return owner
    }

    /// The configuration in force; nil when the daemon is gone.
    var settings: LoadedSettings? { owner?.settings }

    // MARK: - Identities

    /// The runner of the identity `name`, or of the only one.
    func runner(_ name: String?) throws(Problem) -> IdentityRunner {
        guard let name else {
            if let only = fleet.runners.first, fleet.runners.count == 1 { return only }
            let names = fleet.runners.map(\.profile.name)
            throw Problem(
                .identityNeeded,
                "There are several identities: say which. They are \(DaemonService.list(names)).",
                ["identities": .array(names.map { .string($0) })])
        }
        guard let runner = fleet.runner(name) else {
            throw Problem(noIdentity: name, among: fleet.runners.map(\.profile.name))
        }
        return runner
    }

    /// Lets `work` do something with the identity that is meant, or answers that there is none.
    func with<Value>(_ name: String?, _ answer: Answer<Value>, _ work: (IdentityRunner) -> Void) {
        do throws(Problem) {
            _ = try configurationOwner()
            work(try runner(name))
        } catch {
            answer(.failure(error))
        }
    }

    private static func list(_ names: [String]) -> String { names.joined(separator: ", ") }
}

extension InboxFailure {
    /// The failure as the local API says it.
    var problem: Problem {
        switch kind {
        case .noSuch: Problem(.noSuchConsumer, "\(detail).")
        case .diskFull, .readOnly, .damaged, .disk, .stuck, .busy:
            Problem(.inboxFailing, "\(detail).", ["kind": .string(kind.rawValue)])
        }
    }
}
