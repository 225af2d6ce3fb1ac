import Glibc
import MPushConfiguration
import MPushConnection
package import MPushControl
import MPushDelivery
import MPushIdentity
import MPushInbox
package import MPushModel
import MPushPlatform
import MPushTLS

extension DaemonService {
    /// All metrics, in Prometheus' format.
    package var metricsText: String {
        var text = PrometheusText()
        text.add(.buildInfo, [.version: facts.version], 1)
        text.add(.startTime, [:], Double(facts.started.millisecondsSince1970) / 1000)
        if let expiry = settings?.transport.server?.identityExpiry {
            text.add(.clientCertificateExpiry, [:], Double(expiry.millisecondsSince1970) / 1000)
        }
        addProcess(to: &text)
        addIdentities(to: &text)
        add(inbox.status, to: &text)
        for status in delivery.status { add(status, to: &text) }
        for (route, results) in metrics.attempts.sorted(by: { $0.key < $1.key }) {
            for (result, attempts) in results.sorted(by: { $0.key < $1.key }) {
                text.add(.routeAttempts, [.route: route, .result: result], attempts.count)
                text.add(.routeAttemptTime, [.route: route, .result: result], attempts.time)
            }
        }
        for (route, time) in metrics.deliveries.sorted(by: { $0.key < $1.key }) {
            text.add(.routeDeliveryTime, [.route: route], time)
        }
        text.add(.followers, [:], connectedFollowers().count)
        text.add(.followersCut, [:], metrics.followersCut)
        return text.text
    }

    /// Nothing where the kernel does not say it.
    private func addProcess(to text: inout PrometheusText) {
        if let stat = try? files.read("/proc/self/stat", first: 4096),
            let figures = ProcessFigures(
                stat: stat, ticks: sysconf(CInt(_SC_CLK_TCK)), pageSize: sysconf(CInt(_SC_PAGESIZE)))
        {
            text.add(.processTime, [:], figures.processorSeconds)
            text.add(.residentMemory, [:], figures.residentMemory)
            text.add(.virtualMemory, [:], figures.virtualMemory)
            text.add(.threads, [:], figures.threads)
        }
        // One is open to look at them.
        let descriptors = files.names(in: "/proc/self/fd").count - 1
        if descriptors > 0 { text.add(.openDescriptors, [:], descriptors) }
        if let limits = try? files.read("/proc/self/limits", first: 4096),
            let most = ProcessFigures.mostDescriptors(limits: limits)
        {
            text.add(.mostDescriptors, [:], most)
        }
    }

    private func addIdentities(to text: inout PrometheusText) {
        var states: [ConnectionState: Int] = [:]
        for runner in fleet.runners { states[runner.status.state, default: 0] += 1 }
        for state in ConnectionState.allCases { text.add(.identities, [.state: state.rawValue], states[state] ?? 0) }
        let now = clock.now
        text.add(.longestOutage, [:], (fleet.runners.compactMap { $0.outage(at: now) }.max() ?? .zero).inSeconds)
        guard settings?.configuration.metrics.isPerIdentity ?? true else {
            let totals = fleet.totals
            if !fleet.runners.isEmpty { add([:], totals.connections, totals.messages, to: &text) }
            if let first = fleet.runners.compactMap(\.certificateExpiry).min() {
                text.add(.certificateExpiry, [:], Double(first.millisecondsSince1970) / 1000)
            }
            return
        }
        for runner in fleet.runners {
            let identity: [MetricLabel: String] = [.identity: runner.profile.name]
            let now = runner.status.state
            for state in ConnectionState.allCases {
                text.add(.connectionState, identity.with(.state, state.rawValue), state == now ? 1 : 0)
            }
            if let interval = runner.pingEvery { text.add(.pingInterval, identity, interval.inSeconds) }
            if let expiry = runner.certificateExpiry {
                text.add(.certificateExpiry, identity, Double(expiry.millisecondsSince1970) / 1000)
            }
            add(identity, runner.totals, runner.messageCounters, to: &text)
        }
    }

    private func add(
        _ identity: [MetricLabel: String], _ totals: IdentityCounters, _ messages: MessageCounters,
        to text: inout PrometheusText
    ) {
        for cause in LossCause.allCodes {
            text.add(.losses, identity.with(.cause, cause), totals.losses[cause] ?? 0)
        }
        text.add(.connectionAttempts, identity, totals.attempts)
        text.add(.connections, identity, totals.connections)
        text.add(.heartbeatsSent, identity, totals.heartbeatsSent)
        text.add(.heartbeatsAnswered, identity, totals.heartbeatsAnswered)
        text.add(.roundTripTime, identity, totals.roundTrips)
        text.add(.missedReads, identity, totals.missedReads)
        text.add(.messagesReceived, identity, messages.received)
        text.add(.messagesStored, identity, messages.stored)
        text.add(.messagesDuplicate, identity, messages.duplicates)
        text.add(.messagesRefused, identity, messages.refused)
        text.add(.messagesAcknowledged, identity, totals.acknowledged)
        text.add(.ackLatency, identity, messages.ackLatency)
        for (request, tally) in totals.upstream.requests.sorted(by: { $0.key < $1.key }) {
            for (result, count) in tally.results.sorted(by: { $0.key < $1.key }) {
                text.add(.upstreamRequests, identity.with(.result, result).with(.request, request), count)
            }
            text.add(.upstreamTime, identity.with(.request, request), tally.time)
        }
    }

    private func add(_ inbox: InboxStatus, to text: inout PrometheusText) {
        text.add(.inboxMessages, [:], inbox.messages)
        text.add(.inboxBytes, [:], inbox.bytes)
        if let limits = settings?.configuration.inbox {
            text.add(.inboxMostMessages, [:], limits.maximumMessages)
            text.add(.inboxMostBytes, [:], limits.maximumBytes)
        }
        text.add(.inboxWaiting, [:], inbox.waiting)
        text.add(.inboxFailures, [:], inbox.failed)
        text.add(.inboxDropped, [:], inbox.dropped)
        text.add(.inboxCommits, [:], inbox.commits)
        text.add(.inboxFailing, [:], inbox.failure == nil ? 0 : 1)
        text.add(.inboxFull, [:], inbox.isFull ? 1 : 0)
    }

    private func add(_ route: RouteStatus, to text: inout PrometheusText) {
        let label: [MetricLabel: String] = [.route: route.name]
        text.add(.routePassed, label, route.passed)
        text.add(.routeWaiting, label, route.waiting)
        text.add(.routeRunning, label, route.running)
        text.add(.routeDeadLetters, label, route.deadLetters)
        text.add(.routeTargetUp, label, route.targetDownFor == nil ? 1 : 0)
        text.add(.routeBuried, label, route.buried)
        if route.waiting + route.running == 0 || route.oldestWaiting != nil {
            text.add(.routeOldest, label, route.oldestWaiting?.inSeconds ?? 0)
        }
    }
}

extension [MetricLabel: String] {
    fileprivate func with(_ label: MetricLabel, _ value: String) -> [MetricLabel: String] {
        merging([label: value]) { _, new in new }
    }
}

/// What is counted of routes and followers, beside the identities. Belongs to the event loop.
package final class DeliveryMetrics {
    /// A route's attempts that ended one way.
    struct Attempts {
        var count = Counter()
        var time = Histogram(.attempt)

        mutating func ended(after time: Duration) {
            count.count()
            self.time.observe(time)
        }
    }

    package var followersCut = Counter()
    /// By route and result.
    private(set) var attempts: [String: [String: Attempts]] = [:]
    /// By route: from arrival to confirmation.
    private(set) var deliveries: [String: Histogram] = [:]

    package init() {}

    /// A route's attempt at a message is over, which came `age` ago.
    package func attemptEnded(route: String, result: AttemptResult, took: Duration, age: Duration) {
        if result == .confirmed { deliveries[route, default: Histogram(.delivery)].observe(age) }
        attempts[route, default: [:]][result.word, default: Attempts()].ended(after: took)
    }
}
