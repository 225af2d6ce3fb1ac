package import MPushModel

/// Whether a connection is alive: by its answers, and by the rule of two missed reads (PROTOCOL.md section 6).
///
/// A heartbeat is due when writes have been silent for h - 1 s, or for `pingEvery` where that is less. What ends a connection
/// depends on the confirmation:
/// - without: checks each h - 1 s, each of which finds a missed read where nothing was read for more than h + 1 s; at the
///   second in a row the connection is dead, 6 to 9 minutes after the last byte with h = 180 s.
/// - with: each heartbeat is a question. No byte within the time that answers take on this connection is a missed read; a
///   second heartbeat follows at once, and no byte after that, for long enough that TCP can have sent again what was lost a
///   few times, is the second. The rule stays as the outer bound: more than h + 1 s of silence is a missed read in any case.
package struct HealthCheck: Equatable, Sendable {
    /// What there is to do.
    package enum Verdict: Equatable, Sendable {
        /// Writes were silent for long enough, or an answer is overdue: send a heartbeat.
        case beat
        /// A read was missed, the first in a row. With a confirmation a `beat` follows.
        case missed(silence: Duration)
        /// The second read in a row was missed: close.
        case dead(missedReads: Int, silence: Duration)
    }

    /// Something that the server has to answer; any byte does.
    private struct Question: Equatable {
        enum Kind: Equatable {
            /// A request, whose answer may take as long as it likes: a heartbeat asks whether the server is there.
            case request
            /// A heartbeat.
            case first
            /// The heartbeat after a missed read.
            case second
        }

        var kind: Kind
        var due: Instant
        /// Whether somebody knows that the path has changed: then nothing is waited for that can be helped.
        var isUrgent = false
        /// Whether it was asked again because nobody looked when it was due.
        var isRepeated = false
        /// Whether it was not handed to the kernel yet.
        var isQueued = false
    }

    /// An interval outside of these bounds is absurd, whoever asked for it.
    package static let bounds: ClosedRange<Duration> = .seconds(2)...(.seconds(86_400))
    /// No answer is due sooner: a server may collect garbage, and a path may hiccup.
    private static let shortestAnswer = Duration.seconds(1)
    /// Nor is the second one, unless it is urgent.
    private static let shortestSecondAnswer = Duration.milliseconds(1500)
    /// TCP repeats after one, three and seven times of its first time-out: four losses in a row are a dead path.
    private static let repetitions = 8
    /// Who looks later than this was away: the answer may be there, and not be read yet.
    private static let lateness = Duration.milliseconds(250)
    /// What an urgent question has where no confirmation is wished.
    private static let usualConfirmation = Duration.seconds(10)
    /// A request of this many bytes may take a second more to get through.
    private static let slowestPath = 1000
    /// How many heartbeats without an answer are kept in mind.
    private static let mostBeats = 8

    /// The interval h in force: what the server asked for, held to `bounds`.
    package let interval: Duration
    /// How long writes may be silent.
    package private(set) var beatAfter: Duration
    /// More silence than this is a missed read.
    package let silenceLimit: Duration
    /// How many reads were missed in a row.
    package private(set) var missedReads = 0
    /// When the last byte was read, or the check began.
    package private(set) var lastRead: Instant
    private let confirmation: Duration?
    private var roundTrip = RoundTripEstimate()
    private var lastWrite: Instant
    private var nextCheck: Instant
    private var question: Question?
    /// When the heartbeats went out that have no answer yet, the oldest first.
    private var beats: [Instant] = []
    private var beatIsQueued = false
    private var isReadingPaused = false
    /// The longest silence before what was written and has no answer; nil where everything has one.
    package private(set) var unanswered: Silence?
    /// How long nothing went either way before what was answered last.
    private var survived = Duration.zero

    /// Begins with the answer to HANDSHAKE or FAST_CONNECT, at `now`.
    package init(asked: Duration, settings: HealthSettings, at now: Instant) {
        interval = min(max(asked, HealthCheck.bounds.lowerBound), HealthCheck.bounds.upperBound)
        let period = interval - .seconds(1)
        beatAfter = period
        silenceLimit = interval + .seconds(1)
        confirmation = settings.confirmation.map { max($0, .milliseconds(1)) }
        lastRead = now
        lastWrite = now
        nextCheck = now + period
        if let pingEvery = settings.pingEvery { beat(every: pingEvery) }
    }

    /// When `deadlineReached` is to be called next; always in the future of the last call.
    package var nextDeadline: Instant? {
        [nextBeat, silenceDue, question?.due].compactMap(\.self).min()
    }

    /// What there is to say of it.
    package var reading: HealthReading {
        HealthReading(
            beatAfter: beatAfter, longestBeatAfter: interval - .seconds(1), lastRead: lastRead,
            missedReads: missedReads,
            nextBeat: nextBeat, survived: survived)
    }

    private var nextBeat: Instant? { beatIsQueued ? nil : lastWrite + beatAfter }

    /// When silence by itself is a missed read; nil where a second question has its own time.
    private var silenceDue: Instant? {
        if isReadingPaused { return nil }
        guard confirmation != nil else { return nextCheck }
        return question?.kind == .second ? nil : lastRead + silenceLimit + .milliseconds(1)
    }

    private var lastTraffic: Instant { max(lastRead, lastWrite) }

    // MARK: - Facts

    /// Beat this often from now on, but no more seldom than the server asks.
    package mutating func beat(every wanted: Duration) {
        beatAfter = min(max(wanted, .seconds(1)), interval - .seconds(1))
    }

    /// Bytes were read. True where a missed read was made good by them.
    package mutating func bytesRead(at now: Instant) -> Bool {
        survived = unanswered?.length ?? now - lastTraffic
        unanswered = nil
        lastRead = now
        question = nil
        // Without a confirmation this decides nothing that the next check would not: it finds less than h of silence.
        guard missedReads > 0 else { return false }
        missedReads = 0
        return true
    }

    /// Bytes were handed to the kernel.
    package mutating func bytesWritten(at now: Instant) {
        let silence = Silence(began: lastTraffic, length: now - lastTraffic)
        if unanswered.map({ $0.length < silence.length }) ?? true { unanswered = silence }
        lastWrite = now
        guard beatIsQueued else { return }
        beatIsQueued = false
        beats = beats.suffix(HealthCheck.mostBeats - 1) + [now]
        guard var asked = question, asked.isQueued else { return }
        asked.isQueued = false
        asked.due = now + time(for: asked)
        question = asked
    }

    /// A heartbeat came: how long its answer took, where it is one.
    package mutating func heartbeatReceived(at now: Instant) -> Duration? {
        guard !beats.isEmpty else { return nil }
        let sent = beats.removeFirst()
        roundTrip.measured(from: sent, to: now)
        return now - sent
    }

    /// HANDSHAKE, FAST_CONNECT or BIND was answered after `time`.
    package mutating func openingAnswered(after time: Duration) {
        roundTrip.openingMeasured(time)
    }

    /// A request of `bytes` goes out whose answer is awaited.
    package mutating func requestSent(bytes: Int, at now: Instant) {
        guard confirmation != nil, question == nil, !isReadingPaused else { return }
        var request = Question(kind: .request, due: now)
        request.due += time(for: request) + .milliseconds(bytes * 1000 / HealthCheck.slowestPath)
        question = request
    }

    /// Something says that the connection may be dead, be it that it is silent or not: the server is asked at once. Where
    /// it is being asked already, that answer has to do.
    package mutating func doubted(at now: Instant) -> [Verdict] {
        guard !isReadingPaused else { return [] }
        switch question?.kind {
        case .second?,
            .first? where question?.isUrgent == true:
            return []
        case .first?, .request?, nil: return [ask(.first, isUrgent: true, at: now)]
        }
    }

    /// We stopped reading because we cannot keep up: silence is ours from here on.
    package mutating func readingPaused() {
        isReadingPaused = true
        question = nil
        unanswered = nil
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
        var verdicts = overdue(at: now)
        if case .dead? = verdicts.last { return verdicts }
        if !verdicts.contains(.beat), !beatIsQueued, now - lastWrite >= beatAfter {
            let mayAsk = confirmation != nil && question == nil && !isReadingPaused
            verdicts.append(mayAsk ? ask(.first, at: now) : beat())
        }
        return verdicts
    }

    private mutating func overdue(at now: Instant) -> [Verdict] {
        if let question, question.due <= now { return unanswered(question, at: now) }
        guard let silenceDue, silenceDue <= now else { return [] }
        return confirmation == nil ? check(at: now) : missedOnce(isUrgent: false, at: now)
    }

    /// The answer is not there in time.
    private mutating func unanswered(_ question: Question, at now: Instant) -> [Verdict] {
        if let silenceDue, silenceDue <= now, confirmation != nil {
            return missedOnce(isUrgent: question.isUrgent, at: now)
        }
        if now - question.due > HealthCheck.lateness, !question.isRepeated {
            let verdict = ask(question.kind, isUrgent: question.isUrgent, at: now)
            self.question?.isRepeated = true
            return [verdict]
        }
        switch question.kind {
        case .request: return [ask(.first, at: now)]
        case .first: return missedOnce(isUrgent: question.isUrgent, at: now)
        case .second:
            missedReads += 1
            return [dead(at: now)]
        }
    }

    private mutating func missedOnce(isUrgent: Bool, at now: Instant) -> [Verdict] {
        missedReads += 1
        return [.missed(silence: now - lastRead), ask(.second, isUrgent: isUrgent, at: now)]
    }

    private mutating func check(at now: Instant) -> [Verdict] {
        nextCheck = now + (interval - .seconds(1))
        let silence = now - lastRead
        guard silence > silenceLimit else {
            missedReads = 0
            return []
        }
        missedReads += 1
        return [missedReads < 2 ? .missed(silence: silence) : dead(at: now)]
    }

    private mutating func ask(_ kind: Question.Kind, isUrgent: Bool = false, at now: Instant) -> Verdict {
        var question = Question(
            kind: kind == .request ? .first : kind, due: now, isUrgent: isUrgent, isQueued: true)
        question.due += time(for: question)
        self.question = question
        return beat()
    }

    private mutating func beat() -> Verdict {
        beatIsQueued = true
        return .beat
    }

    private mutating func dead(at now: Instant) -> Verdict {
        let count = missedReads
        missedReads = 0
        question = nil
        return .dead(missedReads: count, silence: now - lastRead)
    }

    /// How long the answer may take.
    private func time(for question: Question) -> Duration {
        let limit = confirmation ?? HealthCheck.usualConfirmation
        guard let bound = roundTrip.bound else { return limit }
        let wanted =
            switch question.kind {
            case .request, .first: bound
            case .second:
                max(
                    bound * HealthCheck.repetitions,
                    question.isUrgent ? HealthCheck.shortestAnswer : HealthCheck.shortestSecondAnswer)
            }
        return max(HealthCheck.shortestAnswer, min(limit, wanted))
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
    /// How long they may be at most, by what the server asks for.
    package let longestBeatAfter: Duration
    /// When the last byte was read.
    package let lastRead: Instant
    /// Missed in a row.
    package let missedReads: Int
    /// When a heartbeat is due if nothing is written before; nil while one is on its way.
    package let nextBeat: Instant?
    /// How long nothing went either way before what was answered last.
    package let survived: Duration
}

/// A time in which nothing went either way on a connection.
package struct Silence: Equatable, Sendable {
    package let began: Instant
    package let length: Duration

    package init(began: Instant, length: Duration) {
        self.began = began
        self.length = length
    }
}
