import MPushModel
import MPushSession
import Testing

/// Both promises of the health check, over a year of random silences.
///
/// A byte comes in time when the silence before it is no longer than
/// - with a confirmation c: h + 1 s + c, which is when the confirmation's deadline strikes (1 ms later, to be exact), and each
///   heartbeat, on a path that is not known yet, is answered within 2 c;
/// - without: 2 h, because two checks that both see more than h + 1 s lie h - 1 s apart.
///
/// When bytes stop, the connection is closed, counted from the last byte, at the latest
/// - with a confirmation: after h + 1 s + 1 ms + c, well within the promised h + 1 s + 2 c;
/// - without: after 3 h - 1 s: the check that just does not see a missed read, and two more.
@Suite struct HealthCheckYearTests {
    struct Course: CustomTestStringConvertible, Sendable {
        let interval: Duration
        let confirmation: Duration?
        let seed: UInt64

        var testDescription: String {
            "h \(interval.humanReadable), \(confirmation.map { "confirmed within \($0.humanReadable)" } ?? "not confirmed")"
        }
    }

    static let courses = ([2, 10, 180, 86_400] as [Int]).flatMap { interval in
        ([nil, .seconds(10), .seconds(1)] as [Duration?]).enumerated().map { index, confirmation in
            Course(interval: .seconds(interval), confirmation: confirmation, seed: UInt64(interval * 3 + index))
        }
    }

    @Test(arguments: courses)
    func closesNeverWhileBytesComeInTimeAndAlwaysSoonAfterTheyStop(course: Course) {
        var year = YearOfSilences(course)
        year.run()
        #expect(year.wrongClosings == 0)
        #expect(year.lateClosings == 0)
        #expect(year.lateBeats == 0)
        #expect(year.idleCalls == 0)
        #expect(year.calls > 100)
        #expect(year.closings > 10)
        #expect(year.recoveries > 10)
    }
}

/// A server that answers after random delays, pushes at random times, falls silent as long as it may, and now and then
/// dies; and a client that connects again each time. A year of it; where h is so short that a year is
/// millions of heartbeats, the first 100,000 steps.
private struct YearOfSilences {
    private static let year = Duration.seconds(365 * 86_400)

    private(set) var wrongClosings = 0
    private(set) var lateClosings = 0
    private(set) var lateBeats = 0
    private(set) var idleCalls = 0
    private(set) var closings = 0
    private(set) var recoveries = 0
    private(set) var calls = 0
    private let course: HealthCheckYearTests.Course
    private var generator: SplitMix64
    private var now = Instant.zero
    private var check: HealthCheck
    private var isServerAlive = true
    private var nextByte: Instant?
    private var lastWrite = Instant.zero

    init(_ course: HealthCheckYearTests.Course) {
        self.course = course
        generator = SplitMix64(seed: course.seed)
        check = YearOfSilences.check(course, at: .zero)
        drawNextByte()
    }

    private static func check(_ course: HealthCheckYearTests.Course, at now: Instant) -> HealthCheck {
        let settings = HealthSettings(confirmation: course.confirmation)
        return HealthCheck(asked: course.interval, settings: settings, at: now)
    }

    /// The longest silence that is in time.
    private var longestSilence: Duration {
        course.confirmation.map { course.interval + .seconds(1) + $0 } ?? course.interval * 2
    }

    private var longestUntilClosed: Duration {
        course.confirmation.map { course.interval + .seconds(1) + .milliseconds(1) + $0 }
            ?? course.interval * 3 - .seconds(1)
    }

    mutating func run() {
        let end = Instant.zero + YearOfSilences.year
        let mostCalls = course.interval < .seconds(60) ? 100_000 : Int.max
        while calls < mostCalls, now < end, let deadline = check.nextDeadline {
            calls += 1
            if let byte = nextByte, byte <= deadline {
                byteCame(at: byte)
            } else {
                deadlineCame(at: deadline)
            }
        }
    }

    private mutating func byteCame(at time: Instant) {
        now = time
        if check.bytesRead(at: now) { recoveries += 1 }
        isServerAlive = Int.random(in: 0..<20, using: &generator) > 0
        drawNextByte()
    }

    private mutating func drawNextByte() {
        guard isServerAlive else {
            nextByte = nil
            return
        }
        let isLong = Int.random(in: 0..<4, using: &generator) == 0
        let longest = longestSilence.wholeMilliseconds
        let shortest = isLong ? check.silenceLimit.wholeMilliseconds : 1
        let silence = Int64.random(in: shortest...longest, using: &generator)
        nextByte = now + .milliseconds(silence)
    }

    private mutating func deadlineCame(at time: Instant) {
        now = time
        for verdict in check.deadlineReached(at: now) {
            switch verdict {
            case .beat:
                if now - lastWrite > check.beatAfter { lateBeats += 1 }
                check.bytesWritten(at: now)
                lastWrite = now
                answer()
            case .missed: break
            case .dead: closed()
            }
        }
        if let next = check.nextDeadline, next <= now { idleCalls += 1 }
    }

    /// A server that lives answers a heartbeat, sooner or later.
    private mutating func answer() {
        guard let confirmation = course.confirmation, let byte = nextByte, check.missedReads == 0 else { return }
        nextByte = min(
            byte, now + .milliseconds(Int64.random(in: 1...confirmation.wholeMilliseconds * 2, using: &generator)))
    }

    private mutating func closed() {
        closings += 1
        if isServerAlive { wrongClosings += 1 }
        if now - check.lastRead > longestUntilClosed { lateClosings += 1 }
        now += .seconds(1)
        check = YearOfSilences.check(course, at: now)
        lastWrite = now
        isServerAlive = true
        drawNextByte()
    }
}
