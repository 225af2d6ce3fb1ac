import MPushModel
import MPushSession
import Testing

/// Detection by answers, on paths that lose packets: how soon a dead link is found, and how often a living one is taken for
/// dead.
@Suite struct HealthCheckPathTests {
    struct Course: CustomTestStringConvertible, Sendable {
        /// There and back.
        let roundTrip: Duration
        let loss: Double
        var pingEvery: Duration?
        let seed: UInt64

        var interval: Duration { pingEvery ?? .seconds(180) }

        var testDescription: String {
            "\(roundTrip.humanReadable), \(loss) lost, ping_every \(pingEvery?.humanReadable ?? "none"), seed \(seed)"
        }
    }

    private static let month = Duration.seconds(30 * 86_400)

    static let lossy = (1...4 as ClosedRange<UInt64>).flatMap { seed in
        [600, 200].map { Course(roundTrip: .milliseconds($0), loss: 0.05, seed: seed) }
    }

    @Test(arguments: lossy)
    func closesALivingConnectionOnceAMonthAtMost(course: Course) {
        var path = LossyPath(course)
        path.run(until: .zero + Self.month)
        #expect(path.beats > 14_000)
        #expect(path.answers > 14_000)
        #expect(path.falseClosings <= 1)
    }

    /// Asked three times as often it is closed once a month on the mean.
    @Test(arguments: [600, 200])
    func closesALivingConnectionOnceAMonthWhereItIsAskedOften(roundTrip: Int) {
        let months = (1...8 as ClosedRange<UInt64>).map { seed in
            var path = LossyPath(
                Course(roundTrip: .milliseconds(roundTrip), loss: 0.05, pingEvery: .seconds(55), seed: seed))
            path.run(until: .zero + Self.month)
            #expect(path.answers > 45_000)
            return path.falseClosings
        }
        #expect(months.reduce(0, +) <= months.count, "\(months)")
    }

    static let calm = ([nil, 55, 5] as [Int?]).map {
        Course(roundTrip: .milliseconds(50), loss: 0, pingEvery: $0.map { .seconds($0) }, seed: 1)
    }

    @Test(arguments: calm)
    func findsADeadLinkWithinTheInterval(course: Course) {
        var path = LossyPath(course)
        path.run(until: .zero + .seconds(600))
        #expect(path.latestFound <= course.interval + .seconds(3))
    }

    /// A path that is calm but for its jitter and a hiccup: for a lost packet, and for what just does not end the connection.
    @Test(arguments: calm, [350, 1200, 2400])
    func findsADeadLinkAsSoonAfterOneLateAnswer(course: Course, milliseconds: Int) {
        var path = LossyPath(course)
        path.run(until: .zero + course.interval * 40)
        path.hiccup(for: .milliseconds(milliseconds))
        path.run(until: path.now + course.interval)
        #expect(path.latestFound <= course.interval + .seconds(3))
        #expect(path.falseClosings == 0)
    }

    /// Two are no accident: more time is given, until more answers were punctual than a late one is remembered for.
    @Test(arguments: calm)
    func waitsLongerAfterTwoLateAnswersUntilAnswersArePunctualAgain(course: Course) {
        var path = LossyPath(course)
        path.run(until: .zero + course.interval * 40)
        for _ in 0..<2 {
            path.hiccup(for: .milliseconds(1200))
            path.run(until: path.now + course.interval)
        }
        #expect(path.latestFound > course.interval + .seconds(5))
        path.run(until: path.now + course.interval * 100)
        #expect(path.latestFound <= course.interval + .seconds(3))
        #expect(path.falseClosings == 0)
    }

    @Test func anUrgentQuestionIsAnsweredSoonOrNever() {
        var check = HealthCheck(asked: .seconds(180), settings: HealthSettings(), at: .zero)
        check.openingAnswered(after: .milliseconds(50))
        let now = Instant.zero + .seconds(60)
        #expect(check.doubted(at: now) == [.beat])
        check.bytesWritten(at: now)
        #expect(check.doubted(at: now) == [])
        #expect(check.deadlineReached(at: now + .seconds(1)) == [.missed(silence: .seconds(61)), .beat])
        check.bytesWritten(at: now + .seconds(1))
        // Eight times what a round trip of 50 ms may take, as far as is known yet.
        let end = Duration.milliseconds(2200)
        #expect(check.deadlineReached(at: now + end) == [.dead(missedReads: 2, silence: .seconds(60) + end)])
    }

    @Test func whoLooksLateAsksAgainOnce() {
        var check = HealthCheck(asked: .seconds(180), settings: HealthSettings(), at: .zero)
        check.openingAnswered(after: .milliseconds(50))
        var now = Instant.zero + .seconds(60)
        #expect(check.doubted(at: now) == [.beat])
        check.bytesWritten(at: now)
        now += .seconds(1)
        _ = check.deadlineReached(at: now)
        check.bytesWritten(at: now)
        // The process was stopped for a while: the answer may wait to be read.
        now += .seconds(20)
        #expect(check.deadlineReached(at: now) == [.beat])
        check.bytesWritten(at: now)
        now += .seconds(20)
        #expect(check.deadlineReached(at: now) == [.dead(missedReads: 2, silence: .seconds(101))])
    }
}

/// A connection over TCP that repeats what is lost after 200 ms and two round trips, then after twice that, and so on; what is
/// repeated keeps back what was sent after it.
private struct LossyPath {
    private(set) var beats = 0
    private(set) var answers = 0
    private(set) var falseClosings = 0
    private let course: HealthCheckPathTests.Course
    private var generator: SplitMix64
    private var check: HealthCheck
    private(set) var now = Instant.zero
    private var there = Instant.zero
    private var back = Instant.zero
    private var arrivals: [Instant] = []

    init(_ course: HealthCheckPathTests.Course) {
        self.course = course
        generator = SplitMix64(seed: course.seed)
        check = LossyPath.check(course, at: .zero)
    }

    private static func check(_ course: HealthCheckPathTests.Course, at now: Instant) -> HealthCheck {
        var check = HealthCheck(
            asked: .seconds(180), settings: HealthSettings(pingEvery: course.pingEvery), at: now)
        check.openingAnswered(after: course.roundTrip)
        return check
    }

    mutating func run(until end: Instant) {
        while step(until: end) {}
        now = max(now, end)
    }

    /// The next heartbeat, and what is sent while it is on its way, takes this much longer.
    mutating func hiccup(for time: Duration) {
        let sent = beats
        while beats == sent, let next = check.nextDeadline {
            there = max(there, next + time)
            _ = step(until: next)
        }
    }

    /// What happens next, if it does until `end`.
    private mutating func step(until end: Instant) -> Bool {
        let next = [check.nextDeadline, arrivals.first].compactMap(\.self).min()
        guard let next, next <= end else { return false }
        now = next
        if arrivals.first == now {
            arrivals.removeFirst()
            answers += 1
            _ = check.bytesRead(at: now)
            _ = check.heartbeatReceived(at: now)
        }
        for verdict in check.deadlineReached(at: now) {
            switch verdict {
            case .beat: beat()
            case .missed: break
            case .dead:
                falseClosings += 1
                arrivals = []
                check = LossyPath.check(course, at: now)
            }
        }
        return true
    }

    /// How long it takes to find that the link is dead, wherever in the next two intervals it dies.
    var latestFound: Duration {
        var latest = Duration.zero
        for step in 0..<200 {
            var path = self
            let died = now + course.interval * step / 100
            path.run(until: died)
            latest = max(latest, path.deathFound() - died)
        }
        return latest
    }

    /// Nothing comes any more.
    private mutating func deathFound() -> Instant {
        arrivals = []
        while let next = check.nextDeadline {
            now = next
            for verdict in check.deadlineReached(at: now) {
                switch verdict {
                case .beat: check.bytesWritten(at: now)
                case .missed: break
                case .dead: return now
                }
            }
        }
        return .zero + .seconds(1 << 40)
    }

    private mutating func beat() {
        beats += 1
        check.bytesWritten(at: now)
        there = max(there, now + delay())
        back = max(back, there + delay())
        arrivals.append(back)
    }

    /// One way, half a millisecond more or less.
    private mutating func delay() -> Duration {
        var delay = course.roundTrip / 2 + .microseconds(Int.random(in: -500...500, using: &generator))
        var wait = Duration.milliseconds(200) + course.roundTrip * 2
        while course.loss > 0, Double.random(in: 0..<1, using: &generator) < course.loss {
            delay += wait
            wait = wait * 2
        }
        return delay
    }
}
