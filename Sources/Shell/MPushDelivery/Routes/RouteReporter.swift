import MPushInbox
import MPushModel
import MPushSystemd

/// What the journal hears of a route: its first failure, a summary each minute at most while it goes on failing, each dead
/// letter, and that it works again.
struct RouteReporter {
    /// Between two lines about failures.
    static let interval = Duration.seconds(60)

    private let route: String
    private let log: Logger
    /// Since the last message that was confirmed.
    private var failures = 0
    private var since: Instant?
    /// Whether the journal knows of them.
    private var isSaid = false
    /// Kept when the route works again, so that one that works by halves does not fill the journal.
    private var saidAt: Instant?

    init(route: String, log: Logger) {
        self.route = route
        self.log = log.with([.route(route)])
    }

    mutating func failed(_ reason: String, of message: String, next: Duration?, at now: Instant) {
        failures += 1
        let start = since ?? now
        since = start
        if let saidAt, now - saidAt < RouteReporter.interval { return }
        (saidAt, isSaid) = (now, true)
        let again = next.map { "; again in \($0.humanReadable)" } ?? ""
        let count = failures == 1 ? "" : "\(failures) failed attempts in \((now - start).humanReadable), the last: "
        log.log(
            .routeFailing, "route \(route): \(count)\(reason)\(again)",
            [.messageID(message), .causeDetail(reason), .attempts(failures)])
    }

    mutating func confirmed(at now: Instant) {
        if isSaid, let since {
            let attempts = failures == 1 ? "1 failed attempt" : "\(failures) failed attempts"
            log.log(
                .routeRecovered, "route \(route) works again, after \(attempts) in \((now - since).humanReadable)",
                [.attempts(failures), .lasted(now - since)])
        }
        (failures, since, isSaid) = (0, nil, false)
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
