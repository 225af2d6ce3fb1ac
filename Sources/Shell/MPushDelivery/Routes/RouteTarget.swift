import MPushConfiguration
import MPushConnection
import MPushInbox
import MPushModel
import MPushPlatform
import MPushSystemd

/// Where a route's messages go: made from its settings, told of others, and stopped. It may keep what the next message can
/// use, such as a connection or a TLS session. Belongs to the event loop.
protocol RouteTarget: AnyObject {
    /// The route was loaded again, with the same settings or with others: goes on with these, and keeps what it can. False
    /// where they are for another kind of target: then it is stopped, and another takes its place.
    func apply(_ route: LoadedRoute) -> Bool

    /// Hands `message` over; `done` is called once. What is given back ends the attempt before its time: it is `abandoned`
    /// then, if it was not confirmed already.
    func deliver(_ message: StoredMessage, attempt: Int, done: @escaping (AttemptResult) -> Void) -> () -> Void

    /// No message comes any more: what was kept for the next ones goes. Attempts under way end as they do. `done` is called
    /// once, when nothing of it is left.
    func stop(_ done: @escaping () -> Void)
}

/// Makes targets: what they share stands here.
struct RouteTargets {
    let programs: any ProgramStarter
    let machine: Machine
    let connectors: Connector.Environment
    let log: Logger
    let wallClock: WallClockWatch
    let userAgent: String

    func make(for route: LoadedRoute) -> any RouteTarget {
        let name = route.settings.name
        return switch route.settings.target {
        case .exec(let settings):
            ExecTarget(
                settings, of: name, runner: programs, environment: .process, log: log, timer: connectors.timer,
                on: connectors.eventLoop)
        case .stream(let settings):
            StreamTarget(
                settings, of: name, programs: programs, environment: .process, log: log, timer: connectors.timer)
        case .file(let settings): FileTarget(settings, of: name, machine: machine, on: connectors.eventLoop)
        case .webhook(let settings):
            WebhookTarget(settings, of: route, in: connectors, wallClock: wallClock, userAgent: userAgent)
        }
    }
}
