import MPushInbox
import MPushSystemd
import MPushTime

/// What the journal hears of a route: its first failure, a summary each minute at most while it goes on failing, each dead
/// letter, and that it works again.
struct RouteReporter {
    /// Between two lines about failures.
    static let interval = Duration.seconds(60)

    private let route: String
    private let log: Logger
    private var failures = 0
    private var unsaid = 0
    private var saidAt: Instant?
    private var since: Instant?

    init(route: String, log: Logger) {
        self.route = route
        self.log = log.with([.route(route)])
    }

    mutating func failed(_ reason: String, of message: String, next: Duration?, at now: Instant) {
        failures += 1
        let start = since ?? now
        since = start
        unsaid += 1
        if let saidAt, now - saidAt < RouteReporter.interval { return }
        saidAt = now
        let again = next.map { "; again in \($0.spoken)" } ?? ""
        let count = failures == 1 ? "" : "still failing after \((now - start).spoken), \(failures) attempts; "
        log.log(
            .routeFailing, "route \(route): \(count)\(reason)\(again)",
            [.messageID(message), .causeDetail(reason), .attempts(failures)])
        unsaid = 0
    }

    mutating func confirmed(at now: Instant) {
        guard failures > 0, let since else { return }
        log.log(
            .routeRecovered,
            "route \(route) works again, after \(failures) failed attempts in \((now - since).spoken)",
            [.attempts(failures), .lasted(now - since)])
        self = RouteReporter(route: route, log: log)
    }

    func buried(_ message: String, attempts: Int, reason: String) {
        let count = attempts == 1 ? "" : " after \(attempts) attempts"
        log.log(
            .deadLetter, "route \(route): message \(message) goes to the dead letters\(count): \(reason)",
            [.messageID(message), .attempts(attempts), .causeDetail(reason)])
    }

    func cannotOpen(_ failure: InboxFailure) {
        log.log(.warning, "route \(route) waits for the inbox: \(failure.detail)")
    }
}
