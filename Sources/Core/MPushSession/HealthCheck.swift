package import MPushModel

/// Whether a connection is alive: the rule of two missed reads, and the heartbeats (PROTOCOL.md section 6).
///
/// A beat is due when writes have been silent for h - 1 s, or for `pingEvery` where that is less. What counts as a missed
/// read depends on the confirmation:
/// - without: checks each h - 1 s, each of which finds a missed read where nothing was read for more than h + 1 s; at the
///   second in a row the connection is dead, 6 to 9 minutes after the last byte with h = 180 s.
/// - with: the first missed read is found as soon as nothing was read for more than h + 1 s. A heartbeat goes out at
///   once, and no byte within the confirmation's time is the second missed read.
package struct HealthCheck: Equatable, Sendable {
    /// What there is to do.
    package enum Verdict: Equatable, Sendable {
        /// Writes were silent for long enough: send a heartbeat.
        case beat
        /// A read was missed, the first in a row. With a confirmation a `beat` follows.
        case missed(silence: Duration)
        /// The second read in a row was missed: close.
        case dead(missedReads: Int, silence: Duration)
    }

    /// An interval outside of these bounds is absurd, whoever asked for it.
    package static let bounds: ClosedRange<Duration> = .seconds(2)...(.seconds(86_400))

    /// The interval h in force: what the server asked for, held to `bounds`.
    package let interval: Duration
    /// How long writes may be silent.
    package let beatAfter: Duration
    /// More silence than this is a missed read.
    package let silenceLimit: Duration
    /// How many reads were missed in a row.
    package private(set) var missedReads = 0
    /// When the last byte was read, or the check began.
    package private(set) var lastRead: Instant
    private let confirmation: Duration?
    private var lastWrite: Instant
    private var nextCheck: Instant
    private var answerDue: Instant?
    private var beatIsQueued = false
    private var isReadingPaused = false

    /// Begins with the answer to HANDSHAKE or FAST_CONNECT, at `now`.
    package init(asked: Duration, settings: HealthSettings, at now: Instant) {
        interval = min(max(asked, HealthCheck.bounds.lowerBound), HealthCheck.bounds.upperBound)
        let period = interval - .seconds(1)
        beatAfter = min(max(settings.pingEvery ?? period, .seconds(1)), period)
        silenceLimit = interval + .seconds(1)
        confirmation = settings.confirmation.map { max($0, .milliseconds(1)) }
        lastRead = now
        lastWrite = now
        nextCheck = now + period
    }

    /// When `deadlineReached` is to be called next; always in the future of the last call.
    package var nextDeadline: Instant? {
        [nextBeat, readDeadline].compactMap(\.self).min()
    }

    /// What there is to say of it.
    package var reading: HealthReading {
        HealthReading(beatAfter: beatAfter, lastRead: lastRead, missedReads: missedReads, nextBeat: nextBeat)
    }

    private var nextBeat: Instant? { beatIsQueued ? nil : lastWrite + beatAfter }

    private var readDeadline: Instant? {
        if isReadingPaused { return nil }
        guard confirmation != nil else { return nextCheck }
        return answerDue ?? lastRead + silenceLimit + .milliseconds(1)
    }

    /// Bytes were read. True where a missed read was made good by them.
    package mutating func bytesRead(at now: Instant) -> Bool {
        lastRead = now
        // Without a confirmation this decides nothing that the next check would not: it finds less than h of silence.
        guard missedReads > 0 else { return false }
        answerDue = nil
        missedReads = 0
        return true
    }

    /// Bytes were handed to the kernel.
    package mutating func bytesWritten(at now: Instant) {
        lastWrite = now
        beatIsQueued = false
    }

    /// We stopped reading because we cannot keep up: silence is ours from here on.
    package mutating func readingPaused() {
        isReadingPaused = true
        answerDue = nil
        missedReads = 0
    }

    /// We read again. Where reading was not paused, nothing changes.
    package mutating func readingResumed(at now: Instant) {
        guard isReadingPaused else { return }
        isReadingPaused = false
        lastRead = now
        nextCheck = now + (interval - .seconds(1))
    }

    /// What is due at `now`, in the order in which it is to be done.
    package mutating func deadlineReached(at now: Instant) -> [Verdict] {
        var verdicts: [Verdict] = []
        if let due = readDeadline, due <= now {
            let verdict = confirmation.map { checkAndConfirm(within: $0, at: now) } ?? check(at: now)
            if case .dead? = verdict { return verdict.map { [$0] } ?? [] }
            if let verdict { verdicts.append(verdict) }
        }
        let mustAsk = answerDue != nil && !verdicts.isEmpty
        if mustAsk || (!beatIsQueued && now - lastWrite >= beatAfter) {
            beatIsQueued = true
            verdicts.append(.beat)
        }
        return verdicts
    }

    private mutating func checkAndConfirm(within time: Duration, at now: Instant) -> Verdict? {
        let silence = now - lastRead
        missedReads += 1
        guard answerDue == nil else { return dead(after: silence) }
        answerDue = now + time
        return .missed(silence: silence)
    }

    private mutating func check(at now: Instant) -> Verdict? {
        nextCheck = now + (interval - .seconds(1))
        let silence = now - lastRead
        guard silence > silenceLimit else {
            missedReads = 0
            return nil
        }
        missedReads += 1
        return missedReads < 2 ? .missed(silence: silence) : dead(after: silence)
    }

    private mutating func dead(after silence: Duration) -> Verdict {
        let count = missedReads
        missedReads = 0
        answerDue = nil
        return .dead(missedReads: count, silence: silence)
    }
}

/// How a connection's health is watched, beside what the server asks for.
package struct HealthSettings: Equatable, Sendable {
    /// Beat at least this often; nil to beat as the server asks. It never makes beats rarer.
    package var pingEvery: Duration?
    /// How long the server may take to answer the heartbeat that follows a missed read; nil to wait for the second
    /// missed read as the Java client does.
    package var confirmation: Duration?

    package init(pingEvery: Duration? = nil, confirmation: Duration? = .seconds(10)) {
        self.pingEvery = pingEvery
        self.confirmation = confirmation
    }
}

/// What there is to say of a connection's health.
package struct HealthReading: Equatable, Sendable {
    /// How long writes may be silent before a heartbeat is sent.
    package let beatAfter: Duration
    /// When the last byte was read.
    package let lastRead: Instant
    /// Missed in a row.
    package let missedReads: Int
    /// When a heartbeat is due if nothing is written before; nil while one is on its way.
    package let nextBeat: Instant?
}
