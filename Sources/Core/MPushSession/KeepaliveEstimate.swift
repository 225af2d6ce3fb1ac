package import MPushModel

/// How long one network keeps a connection on which nothing is said, as far as it is known, and how often that means to ask.
/// A pure value.
///
/// What stands between us and the server (a NAT, a firewall, a proxy) forgets a connection that was silent for too long; it
/// tells nobody. So there are two facts: after such a silence an answer came, and after such a one the connection was dead
/// while a new one worked at once. The search goes between them:
/// - up from what was kept, a third at a time, as long as nothing was forgotten;
/// - down at once when something was, to the middle between what is known to be kept and that, until they are close;
/// - and then to what was forgotten once more: a loss may have had another cause. Where it is forgotten again it is tried
///   again after an hour, two, four, and so on: a network may change.
package struct KeepaliveEstimate: Equatable, Sendable {
    /// Nothing forgets sooner than this that could be used at all; nor is anything asked more often.
    package static let shortest = Duration.seconds(10)
    /// What a network that nobody knows is trusted with. RFC 4787 asks for 2 minutes with UDP and RFC 5382 for 2 hours with
    /// TCP; 30 s is the least that is met often.
    private static let first = Duration.seconds(25)
    /// The first wait before what was forgotten is tried again, and the longest.
    private static let waits: ClosedRange<Duration> = .seconds(3600) ... .seconds(16 * 3600)
    /// The wait after a trial that taught nothing.
    private static let pause = Duration.seconds(600)
    /// More failures than these are not counted.
    private static let mostFailures = 16

    /// The longest silence after which the server answered; nil for none.
    package private(set) var kept: Duration?
    /// The shortest after which the connection was dead; nil for none.
    package private(set) var forgotten: Duration?
    /// How often it was dead after `forgotten`: once may have had another cause.
    package private(set) var failures = 0
    /// What was forgotten before the last loss, which may have had another cause.
    private var forgottenBefore: Duration?
    /// When `forgotten` is to be tried again.
    private var retryAt = Instant.zero
    /// Until then nothing between what is kept and what is forgotten is tried: a trial taught nothing.
    private var triedUntil = Instant.zero
    /// When `forgotten` changed: silences that began before say nothing more.
    private var changedAt: Instant?

    /// Of a network that nobody knows.
    package init() {}

    /// As it was kept; what cannot be is not known. What was forgotten is tried again in an hour.
    package init(kept: Duration?, forgotten: Duration?, failures: Int, at now: Instant) {
        let bounds = KeepaliveEstimate.shortest...HealthCheck.bounds.upperBound
        self.kept = kept.flatMap { bounds.contains($0) ? $0 : nil }
        self.forgotten = forgotten.flatMap { bounds.contains($0) ? $0 : nil }
        if let kept = self.kept, let forgotten = self.forgotten, kept >= forgotten { self.kept = nil }
        if self.forgotten != nil { self.failures = min(max(1, failures), KeepaliveEstimate.mostFailures) }
        retryAt = now + KeepaliveEstimate.waits.lowerBound
    }

    // MARK: - Facts

    /// The server was heard of after `silence`.
    package mutating func survived(_ silence: Duration, at now: Instant) {
        guard silence >= KeepaliveEstimate.shortest else { return }
        let silence = min(silence, HealthCheck.bounds.upperBound)
        endFruitlessTrial(silence, at: now)
        if let forgotten, isAsLong(silence, as: forgotten) {
            self.forgotten = forgottenBefore.flatMap { $0 > silence ? $0 : nil }
            forgottenBefore = nil
            failures = self.forgotten == nil ? 0 : 2
            retryAt = now + wait
            changedAt = now
        }
        kept = max(kept ?? silence, silence)
    }

    /// A silence is shorter than what was asked for, by a round trip: where that is long a trial may say what was known, and
    /// would again. Who tries nothing is silent for 85 % of what is known at most.
    private mutating func endFruitlessTrial(_ silence: Duration, at now: Instant) {
        if let forgotten, isAsLong(silence, as: forgotten) { return }
        if let forgotten, isSettled {
            if silence > forgotten * 87 / 100 { retryAt = max(retryAt, now + KeepaliveEstimate.waits.lowerBound) }
        } else if let kept, silence > kept * 87 / 100, silence <= kept * 102 / 100 {
            triedUntil = now + KeepaliveEstimate.pause
        }
    }

    /// The connection was dead after `silence`, which began at `began`, and a new one worked at once.
    package mutating func forgot(after silence: Duration, began: Instant, at now: Instant) {
        guard silence >= KeepaliveEstimate.shortest, changedAt.map({ $0 <= began }) ?? true else { return }
        let silence = min(silence, HealthCheck.bounds.upperBound)
        if let forgotten, isAsLong(silence, as: forgotten) {
            guard silence <= forgotten * 5 / 4 else { return }
            failures = min(failures + 1, KeepaliveEstimate.mostFailures)
        } else {
            if failures > 1 { forgottenBefore = forgotten }
            forgotten = silence
            failures = 1
            if let kept, kept >= silence { self.kept = nil }
        }
        retryAt = now + wait
        changedAt = now
    }

    // MARK: - Answers

    /// How often every connection is to be asked, and one of them to try more, where none may be silent for longer than
    /// `limit`.
    package func plan(limit: Duration, at now: Instant) -> KeepalivePlan {
        let usual = usual(limit: limit)
        guard let wanted = wanted(at: now) else { return KeepalivePlan(interval: usual, trial: nil) }
        // A silence is shorter than what is asked for, by a round trip.
        let trial = min(wanted, limit)
        let isNews = trial > usual && trial * 20 / 21 > (kept ?? .zero)
        return KeepalivePlan(interval: usual, trial: isNews ? trial : nil)
    }

    /// What there is to say of it.
    package var reading: KeepaliveReading {
        KeepaliveReading(kept: kept, forgotten: forgotten, isSettled: isSettled)
    }

    /// What is certain enough for all.
    private func usual(limit: Duration) -> Duration {
        let wanted: Duration
        switch (kept, forgotten) {
        case (nil, nil): wanted = KeepaliveEstimate.first
        case (let kept?, nil): wanted = kept * 21 / 20 >= limit ? limit : kept * 85 / 100
        case (nil, let forgotten?): wanted = KeepaliveEstimate.middle(KeepaliveEstimate.shortest, forgotten)
        case (let kept?, let forgotten?):
            wanted = min(kept, (isSettled ? (kept + forgotten) / 2 : kept) * 85 / 100)
        }
        return min(max(wanted, KeepaliveEstimate.shortest), limit)
    }

    /// What would say more; nil where it is not time for that.
    private func wanted(at now: Instant) -> Duration? {
        if let forgotten, isSettled { return now >= retryAt ? forgotten * 104 / 100 : nil }
        guard now >= triedUntil else { return nil }
        guard let forgotten else { return kept.map { $0 * 4 / 3 } }
        return KeepaliveEstimate.middle(kept ?? KeepaliveEstimate.shortest, forgotten)
    }

    /// Whether what is kept and what is forgotten are so close that to know it better would not help.
    private var isSettled: Bool {
        guard let forgotten else { return false }
        return forgotten <= (kept ?? KeepaliveEstimate.shortest) * 112 / 100
    }

    private var wait: Duration {
        guard failures > 1 else { return .zero }
        let waits = KeepaliveEstimate.waits
        return min(waits.lowerBound * (1 << min(failures - 2, 16)), waits.upperBound)
    }

    /// Whether that differs by no more than what comes of a round trip.
    private func isAsLong(_ silence: Duration, as other: Duration) -> Bool { silence >= other * 98 / 100 }

    /// The geometric mean: half the way, as ratios go.
    private static func middle(_ low: Duration, _ high: Duration) -> Duration {
        guard high > low else { return low }
        let product = Double(low.wholeMilliseconds) * Double(high.wholeMilliseconds)
        return .milliseconds(Int64(product.squareRoot()))
    }
}

/// How often to ask.
package struct KeepalivePlan: Equatable, Sendable {
    /// What every connection of the network can be silent for.
    package let interval: Duration
    /// What one of them is to try; nil for nothing.
    package let trial: Duration?

    package init(interval: Duration, trial: Duration?) {
        self.interval = interval
        self.trial = trial
    }
}
