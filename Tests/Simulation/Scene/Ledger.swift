import MPushModel

/// What was pushed, what was acknowledged, and what every target of a route has got: the world's own memory, which no crash
/// and no power cut touches.
final class Ledger: @unchecked Sendable {
    /// A message that was sent, once or more.
    struct Push {
        let number: Int
        let user: String
        /// The routes that were there, and wanted it, when it was sent first.
        var routes: Set<String>
        let sentAt: Duration
        var acknowledgedAt: Duration?
        /// How often it was sent.
        var count = 1
        /// A message that one program refuses, for good.
        let isPoison: Bool
    }

    /// What a target has got of one message.
    struct Receipt {
        var first: Duration
        var count = 1
        /// How often it was confirmed to the daemon.
        var confirmed = 0
        /// The crashes that there had been when it came last.
        var crashes: Int
        /// How often the disk had had no room then.
        let shortages: Int
    }

    private(set) var pushes: [Push] = []
    /// By the route's name, then by the number of the message.
    private(set) var receipts: [String: [Int: Receipt]] = [:]
    /// By route: when the latest of all messages that it has got was sent.
    private var latestSent: [String: Duration] = [:]
    /// What ended what was under way: crashes, kills, power cuts, stops.
    var crashes = 0
    /// Whether the inbox has little room left: what all have settled gives way then, and its id is known no longer, as the
    /// documentation of `dedup_window` says.
    var inboxIsFull: () -> Bool = { false }
    /// How often the disk had no room: what all have settled gives way then, too.
    var shortages: () -> Int = { 0 }
    /// Routes whose targets say to the ledger what they confirm.
    private var confirming: Set<String> = []
    /// Messages that the program of a stream has without an answer, by route.
    private var unanswered: [String: Int] = [:]
    /// How often the daemon, or the program of a stream, was killed while such a program had messages without an answer.
    private(set) var killsOfDaemonInStreams = 0
    private(set) var killsOfStreams = 0
    /// Called when the program of a stream has messages without an answer.
    var onUnanswered: (() -> Void)?
    /// Called for each message that comes to a target.
    var onReceived: () -> Void = {}
    private var renamedAt: [Duration] = []
    private(set) var acknowledged = 0
    /// Called with what the trace is to tell: who got what, and who confirmed it.
    var notes: (@autoclosure () -> String) -> Void = { _ in }
    /// Messages that targets refused for good, by route.
    private(set) var refused: [String: Set<Int>] = [:]
    /// How often each route was told so: a message that was stored twice is refused twice.
    private(set) var refusals: [String: Int] = [:]
    /// What was found wrong with what came, in words.
    private(set) var violations: [Violation] = []

    /// Something that must never be.
    struct Violation: Equatable {
        /// The name of the invariant.
        let invariant: String
        let detail: String
    }

    func report(_ invariant: String, _ detail: String) {
        violations.append(Violation(invariant: invariant, detail: detail))
    }

    // MARK: - The sender's side

    func sent(_ number: Int, to user: String, routes: Set<String>, isPoison: Bool, at now: Duration) {
        precondition(number == pushes.count, "messages are numbered in the order in which they are sent first")
        pushes.append(Push(number: number, user: user, routes: routes, sentAt: now, isPoison: isPoison))
    }

    func sentAgain(_ number: Int) { pushes[number].count += 1 }

    func acknowledged(_ number: Int, at now: Duration) {
        guard pushes[number].acknowledgedAt == nil else { return }
        pushes[number].acknowledgedAt = now
        notes("sender: m\(number) is acknowledged")
        acknowledged += 1
    }

    func isPoison(_ id: String) -> Bool {
        guard let number = Int(id.dropFirst()), pushes.indices.contains(number) else { return false }
        return pushes[number].isPoison
    }

    /// A route is there no more: nothing more is expected to reach it.
    func removed(_ route: String) {
        for index in pushes.indices { pushes[index].routes.remove(route) }
    }

    /// What was acknowledged, and has not reached a target yet, is lost, and not by the daemon.
    func lostOnTheWay() {
        for index in pushes.indices where pushes[index].acknowledgedAt != nil {
            let number = pushes[index].number
            pushes[index].routes = pushes[index].routes.filter { receipts[$0]?[number] != nil }
        }
    }

    // MARK: - The targets' side

    /// The target of `route` has got a message, and acts on it.
    /// - Parameters:
    ///   - key: what the order is kept of; nil for all messages of the route.
    ///   - isLate: it was under way before it was confirmed, and says nothing of what came of that.
    func received(
        _ id: String, user: String, by route: String, keepsOrder: Bool, orderOf key: String? = nil,
        isLate: Bool = false, at now: Duration
    ) {
        guard id.hasPrefix("m"), let number = Int(id.dropFirst()), pushes.indices.contains(number) else {
            return report("known", "route \(route) got \(id), which nobody sent")
        }
        notes("route \(route) got \(id)")
        onReceived()
        let push = pushes[number]
        if push.user != user {
            report("user", "\(id) was sent to \(push.user), and route \(route) got it as \(user)'s")
        }
        if var receipt = receipts[route]?[number] {
            // What it had confirmed before a crash may not have been recorded.
            if receipt.crashes != crashes { receipt.confirmed = 0 }
            if receipt.confirmed > 0, !isLate, !wasUnderWayAtRenaming(push), !mayHaveGivenWay(push, receipt) {
                report("once", "route \(route) got \(id) again after it had confirmed it, and nothing had crashed")
            }
            receipt.count += 1
            receipt.crashes = crashes
            receipts[route]?[number] = receipt
            return
        }
        receipts[route, default: [:]][number] = Receipt(first: now, crashes: crashes, shortages: shortages())
        let order = route + (key.map { "/\($0)" } ?? "")
        // One that is refused may be taken at the next request, when those behind it have been acted on.
        if keepsOrder, !push.isPoison, let acknowledgedAt = push.acknowledgedAt, let latest = latestSent[order],
            latest > acknowledgedAt
        {
            report("order", "route \(route) got \(id) after a message that was sent when it was acknowledged already")
        }
        latestSent[order] = max(latestSent[order] ?? .zero, push.sentAt)
    }

    /// Identities have other names from now on: what was on its way then comes to another one, for the daemon, and is stored
    /// once for each.
    func identitiesRenamed(at now: Duration) { renamedAt.append(now) }

    private func wasUnderWayAtRenaming(_ push: Push) -> Bool {
        renamedAt.contains { push.sentAt <= $0 && $0 <= push.acknowledgedAt ?? .seconds(Int64.max) }
    }

    /// Only what came to the daemon again, from its sender or from a server that had no answer, can be stored again.
    private func mayHaveGivenWay(_ push: Push, _ receipt: Receipt) -> Bool {
        guard inboxIsFull() || shortages() > receipt.shortages,
            push.count > 1 || push.acknowledgedAt.map({ $0 > receipt.first }) ?? true
        else { return false }
        return push.routes.intersection(confirming).allSatisfy { route in
            receipts[route]?[push.number].map { $0.confirmed > 0 } ?? false
                || refused[route]?.contains(push.number) ?? false
        }
    }

    /// The target has told the daemon so.
    func confirmed(_ id: String, by route: String) {
        guard let number = Int(id.dropFirst()) else { return }
        notes("route \(route) confirmed \(id)")
        confirming.insert(route)
        receipts[route]?[number]?.confirmed += 1
    }

    /// The program of the stream `route` has so many messages without an answer.
    func streamHas(_ count: Int, of route: String) {
        unanswered[route] = count
        if count > 0 { onUnanswered?() }
    }

    /// It was killed, with so many.
    func streamKilled(with count: Int, of route: String) {
        if count > 0 { killsOfStreams += 1 }
        unanswered[route] = nil
    }

    /// The daemon has ended, and all programs with it; by SIGKILL, or a power cut, where it `wasKilled`.
    func daemonEnded(wasKilled: Bool) {
        if wasKilled, unanswered.values.contains(where: { $0 > 0 }) { killsOfDaemonInStreams += 1 }
        unanswered = [:]
        crashes += 1
    }

    func refused(_ id: String, by route: String) {
        guard let number = Int(id.dropFirst()) else { return }
        refused[route, default: []].insert(number)
        refusals[route, default: 0] += 1
    }

    /// What was acknowledged, and did not reach a route that was there, or one of `routes`; in words for people.
    func missing(from routes: [String]? = nil) -> [String] {
        var missing: [String] = []
        for push in pushes where push.acknowledgedAt != nil {
            for route in push.routes.sorted()
            where routes?.contains(route) != false && receipts[route]?[push.number] == nil
                && refused[route]?.contains(push.number) != true
            {
                missing.append("m\(push.number) to \(push.user), sent at \(push.sentAt), never reached route \(route)")
            }
        }
        return missing
    }
}
