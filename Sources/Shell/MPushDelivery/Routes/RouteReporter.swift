import MPushInbox
import MPushModel
import MPushSystemd

/// Counts what a route does, and tells the journal: its first failure, a summary each minute at most while it goes on failing, dead
/// letters, one by one while they are few, and that it works again.
struct RouteReporter {
    /// Between two lines about failures.
    static let interval = Duration.seconds(60)

    /// Dead letters of a minute that have a line each.
    static let mostBuried = 10

    /// What was said of dead letters in the minute from `since` on.
    private struct Burials {
        let since: Instant
        var said = 0
        var unsaid = 0
        var lastReason = ""
    }

    private let route: String
    private let log: Logger
    /// Since the last message that was confirmed.
    private var failures = 0
    private var since: Instant?
    /// Whether the journal knows of them.
    private var isSaid = false
    /// Whether it knows that the target is down.
    private var isOutageSaid = false
    /// Kept when the route works again, so that one that works by halves does not fill the journal.
    private var saidAt: Instant?
    private var burials: Burials?
    /// What it was said last that the route waits for, before it begins.
    private var waitsFor: InboxFailure.Kind?
    /// What there is to say of the route, as far as it is counted.
    var counts: RouteStatus
    /// Messages that were confirmed.
    private(set) var confirmations = MinuteCount()

    init(route: String, kind: String = "", log: Logger) {
        self.route = route
        counts = RouteStatus(name: route, kind: kind)
        self.log = log.with([.route(route)])
    }

    /// Attempts are over, and `burials` of any messages came of it.
    mutating func attemptsEnded(
        _ ends: [AttemptEnd], burials: [(position: MessagePosition, attempts: Int, reason: String)], isTargetDown: Bool,
        next: Duration?, messages: [MessagePosition: StoredMessage], at now: Instant
    ) {
        for burial in burials where !ends.contains(where: { $0.positions.contains(burial.position) }) {
            let id = messages[burial.position]?.id ?? "#\(burial.position.rawValue)"
            buried(id, attempts: burial.attempts, reason: burial.reason, at: now)
        }
        for (attempted, result) in ends.flatMap(\.told) {
            let isBuried = !burials.isEmpty && burials.contains { $0.position == attempted.message.position }
            attemptEnded(
                result, of: attempted.message.id, attempt: attempted.attempt, isBuried: isBuried,
                isTargetDown: isTargetDown, next: next, at: now)
        }
    }

    /// An attempt at `message` is over: it is given up, or the next comes after `next`.
    mutating func attemptEnded(
        _ result: AttemptResult, of message: String, attempt: Int, isBuried: Bool, isTargetDown: Bool = false,
        next: Duration?, at now: Instant
    ) {
        switch result {
        case .confirmed:
            counts.done += 1
            confirmations.count(at: now)
            counts.lastFailure = nil
            confirmed(at: now)
        case .failed(let reason, _), .unavailable(let reason), .rejected(let reason):
            counts.failures += 1
            counts.lastFailure = reason
            if isBuried {
                buried(message, attempts: attempt, reason: reason, at: now)
            } else if isTargetDown {
                targetDown(reason, of: message, next: next, at: now)
            } else {
                failed(reason, of: message, next: next, at: now)
            }
        case .postponed(let reason):
            counts.lastFailure = reason
            failed(Finding(.shortage, reason).sentence, of: message, next: next, at: now)
        case .abandoned: break
        }
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

    /// All messages wait for the target: one line says so, and `confirmed` has the next.
    private mutating func targetDown(_ reason: String, of message: String, next: Duration?, at now: Instant) {
        failures += 1
        since = since ?? now
        if isOutageSaid { return }
        // A target that comes and goes does not fill the journal.
        if let saidAt, now - saidAt < RouteReporter.interval { return }
        (saidAt, isSaid, isOutageSaid) = (now, true, true)
        let again = next.map { ", and it is tried again in \($0.humanReadable), then less often" } ?? ""
        log.log(
            .routeFailing, "route \(route): its target is down: \(reason); messages wait for it\(again)",
            [.messageID(message), .causeDetail(reason), .attempts(failures)])
    }

    mutating func confirmed(at now: Instant) {
        if isSaid, let since {
            let attempts = failures == 1 ? "1 failed attempt" : "\(failures) failed attempts"
            log.log(
                .routeRecovered, "route \(route) works again, after \(attempts) in \((now - since).humanReadable)",
                [.attempts(failures), .lasted(now - since)])
        }
        (failures, since, isSaid, isOutageSaid) = (0, nil, false, false)
    }

    /// A message became a dead letter. The first few of a minute have a line each, the others a count: ten thousand that
    /// a broken program refuses must not fill the journal.
    mutating func buried(_ message: String, attempts: Int, reason: String, at now: Instant) {
        counts.buried += 1
        if let burials, now - burials.since >= RouteReporter.interval { sayUnsaid(at: now) }
        var minute = burials ?? Burials(since: now)
        defer { burials = minute }
        guard minute.said < RouteReporter.mostBuried else {
            minute.unsaid += 1
            minute.lastReason = reason
            return
        }
        minute.said += 1
        let count = attempts == 1 ? "" : " after \(attempts) attempts"
        log.log(
            .deadLetter, "route \(route): message \(message) became a dead letter\(count): \(reason)",
            [.messageID(message), .attempts(attempts), .causeDetail(reason)])
    }

    /// When `sayUnsaid` is due; nil while everything is said.
    var deadline: Instant? { burials.flatMap { $0.unsaid > 0 ? $0.since + RouteReporter.interval : nil } }

    /// Says how many dead letters had no line of their own; also where their minute is not over, because the daemon ends.
    mutating func sayUnsaid(at now: Instant) {
        defer { burials = nil }
        guard let minute = burials, minute.unsaid > 0 else { return }
        let messages = minute.unsaid == 1 ? "1 more message" : "\(minute.unsaid) more messages"
        log.log(
            .notice,
            "route \(route): \(messages) became dead letters in \((now - minute.since).humanReadable), the last: "
                + minute.lastReason, [.causeDetail(minute.lastReason)])
    }

    /// The route cannot begin, and tries again. What is wrong is said once: the inbox has more to say of it.
    mutating func cannotOpen(_ failure: InboxFailure) {
        guard waitsFor != failure.kind else { return }
        waitsFor = failure.kind
        log.log(.warning, "route \(route) waits for the inbox: \(failure.detail)")
    }
}
