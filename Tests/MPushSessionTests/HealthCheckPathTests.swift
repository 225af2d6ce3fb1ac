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

        var testDescription: String {
            "\(roundTrip.humanReadable), \(loss) lost, ping_every \(pingEvery?.humanReadable ?? "none"), seed \(seed)"
        }
    }

    private static let month = Duration.seconds(30 * 86_400)

    static let lossy = (1...4 as ClosedRange<UInt64>).flatMap { seed in
        [nil, .seconds(55)].map { Course(roundTrip: .milliseconds(600), loss: 0.05, pingEvery: $0, seed: seed) }
    }

    @Test(arguments: lossy)
    func closesALivingConnectionOnceAMonthAtMost(course: Course) {
        var path = LossyPath(course)
        path.run(until: .zero + Self.month)
        #expect(path.beats > 14_000)
        #expect(path.answers > 14_000)
        #expect(path.falseClosings <= 1)
    }

    static let calm = ([nil, 55, 5] as [Int?]).map {
        Course(roundTrip: .milliseconds(50), loss: 0, pingEvery: $0.map { .seconds($0) }, seed: 1)
    }

    /// Wherever between two heartbeats the link dies.
    @Test(arguments: calm)
    func findsADeadLinkWithinTheInterval(course: Course) {
        for step in 0..<200 {
            var path = LossyPath(course)
            let died = Instant.zero + .seconds(600) + .milliseconds(step * 903)
            path.run(until: died)
            let interval = min(course.pingEvery ?? .seconds(180), .seconds(180))
            let found = path.timeUntilFound(from: died)
            #expect(found <= interval + .seconds(3))
        }
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
    private var now = Instant.zero
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
        while let next = [check.nextDeadline, arrivals.first].compactMap(\.self).min(), next <= end {
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
        }
    }

    /// Nothing comes any more.
    mutating func timeUntilFound(from died: Instant) -> Duration {
        arrivals = []
        while let next = check.nextDeadline {
            now = next
            for verdict in check.deadlineReached(at: now) {
                switch verdict {
                case .beat: check.bytesWritten(at: now)
                case .missed: break
                case .dead: return now - died
                }
            }
        }
        return .seconds(86_400)
    }

    private mutating func beat() {
        beats += 1
        check.bytesWritten(at: now)
        there = max(there, now + delay())
        back = max(back, there + delay())
        arrivals.append(back)
    }

    /// One way.
    private mutating func delay() -> Duration {
        var delay = course.roundTrip / 2
        var wait = Duration.milliseconds(200) + course.roundTrip * 2
        while course.loss > 0, Double.random(in: 0..<1, using: &generator) < course.loss {
            delay += wait
            wait = wait * 2
        }
        return delay
    }
}
