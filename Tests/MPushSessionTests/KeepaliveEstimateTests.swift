import MPushModel
import MPushSession
import Testing

/// How long a network keeps what is silent: learnt, and followed where it changes.
@Suite struct KeepaliveEstimateTests {
    private static let day = Duration.seconds(86_400)

    struct Course: CustomTestStringConvertible, Sendable {
        /// A day and a half each, and then three days.
        let times: [Int]
        var limit = 3599
        var outages = false

        var testDescription: String { "\(times), limit \(limit)\(outages ? ", with outages" : "")" }
    }

    static let courses = [
        Course(times: [30]), Course(times: [45]), Course(times: [60]), Course(times: [90]), Course(times: [120]),
        Course(times: [300]), Course(times: [600]), Course(times: [1200]), Course(times: [1800]),
        Course(times: [1800, 30, 1800]), Course(times: [60, 600, 60, 40]), Course(times: [300, 240, 330, 1500, 31]),
        Course(times: [30, 60, 120, 240, 480, 960, 1800]), Course(times: [1800, 900, 450, 225, 112, 56, 30]),
        Course(times: [60, 90], outages: true), Course(times: [600, 30, 1800], outages: true),
        Course(times: [1800, 60], limit: 179), Course(times: [30, 150, 100], limit: 179),
    ]

    /// Within a tenth in a day, and from then on deaf for less than a hundredth of the time.
    @Test(arguments: courses) func followsTheNetwork(course: Course) {
        var path = ForgetfulPath(limit: .seconds(course.limit), hasOutages: course.outages)
        for time in course.times {
            path.idleLimit = .seconds(time)
            path.run(for: Self.day)
            // Longer than that nothing is silent, and nothing is known.
            let isSeen = time < course.limit
            let estimate = path.estimate.reading.estimate
            if isSeen, !course.outages {
                let found = estimate ?? .zero
                #expect(abs(found / .seconds(time) - 1) < 0.1, "\(time) s, taken for \(found.humanReadable)")
            }
            path.deaf = .zero
            let began = path.now
            path.run(for: Self.day / 2 + (time == course.times.last ? Self.day * 3 : .zero))
            #expect(path.deaf / (path.now - began) < 0.01, "\(time) s, deaf for \(path.deaf.humanReadable)")
            // After a loss that had another cause it is asked more often for a while.
            if !course.outages {
                #expect(path.interval >= min(.seconds(course.limit), .seconds(time)) * 7 / 10, "\(time) s")
            }
        }
    }

    /// A silence is shorter than what is asked for, by a round trip: where that is long a trial must end all the same.
    @Test(arguments: [(60, 4), (30, 3), (15, 1), (120, 4), (60, 1)])
    func aTrialOnASlowLinkEnds(seconds: Int, roundTrip: Int) {
        var estimate = KeepaliveEstimate()
        var now = Instant.zero
        var trials = 0
        while now < Instant.zero + Self.day * 2 {
            let plan = estimate.plan(limit: .seconds(1800), at: now)
            let silence = (plan.trial ?? plan.interval) - .seconds(roundTrip)
            if plan.trial != nil, now > Instant.zero + Self.day { trials += 1 }
            let began = now
            now = now + silence + .seconds(roundTrip)
            if silence >= .seconds(seconds) {
                estimate.forgot(after: silence, began: began, at: now)
            } else {
                estimate.survived(silence, at: now)
            }
        }
        // One in ten minutes at most, and mostly one an hour.
        #expect(trials <= 150, "\(trials) trials")
    }

    @Test func aNetworkThatKeepsEverythingIsAskedAsSeldomAsWished() {
        var path = ForgetfulPath(limit: .seconds(179), hasOutages: false)
        path.run(for: .seconds(3600))
        #expect(path.losses == 0)
        #expect(path.interval == .seconds(179))
    }

    @Test func oneLossThatIsAnothersIsMadeGoodSoon() {
        var path = ForgetfulPath(limit: .seconds(179), hasOutages: false)
        path.run(for: .seconds(3600))
        path.loseOnce()
        #expect(path.interval < .seconds(60))
        path.run(for: .seconds(3600))
        #expect(path.interval == .seconds(179))
        #expect(path.losses == 1)
    }

    @Test func whatHundredLoseAtOnceIsOneLoss() {
        var estimate = KeepaliveEstimate()
        estimate.survived(.seconds(100), at: .zero)
        for _ in 0..<100 {
            estimate.forgot(after: .seconds(80), began: .zero + .seconds(10), at: .zero + .seconds(95))
        }
        #expect(estimate.failures == 1)
        #expect(estimate.forgotten == .seconds(80))
        #expect(estimate.kept == nil)
    }

    @Test func nothingIsAskedMoreOftenThanEveryTenSeconds() {
        var path = ForgetfulPath(limit: .seconds(179), hasOutages: false)
        path.idleLimit = .seconds(3)
        path.run(for: .seconds(3600))
        #expect(path.interval < .seconds(11))
    }

    @Test func whatWasKeptIsHeldToWhatCanBe() {
        let absurd = KeepaliveEstimate(kept: .seconds(90), forgotten: .seconds(60), failures: -4, at: .zero)
        #expect(absurd.reading == KeepaliveReading(kept: nil, forgotten: .seconds(60), isSettled: false))
        #expect(absurd.failures == 1)
        let vast = KeepaliveEstimate(kept: .seconds(Int64.max), forgotten: .zero, failures: .max, at: .zero)
        #expect(vast.reading == KeepaliveReading(kept: nil, forgotten: nil, isSettled: false))
        let good = KeepaliveEstimate(kept: .seconds(58), forgotten: .seconds(62), failures: 3, at: .zero)
        #expect(good.plan(limit: .seconds(179), at: .zero) == KeepalivePlan(interval: .seconds(51), trial: nil))
        let later = Instant.zero + .seconds(3600)
        #expect(good.plan(limit: .seconds(179), at: later).trial == .milliseconds(64_480))
        #expect(
            good.reading.sentence(asking: .seconds(51)) == "this network forgets after about 60 s: asking every 51 s")
    }

    @Test func oneOfManyTries() {
        var memory = KeepaliveMemory()
        func interval(_ member: Int, _ network: String) -> Duration {
            memory.interval(of: member, in: network, limit: .seconds(179), at: .zero)
        }
        #expect(interval(1, "a") == .seconds(25))
        let isNews = memory.survived(.seconds(24), in: "a", at: .zero)
        #expect(isNews)
        #expect(interval(1, "a") == .seconds(32))
        #expect(interval(2, "a") == .milliseconds(20_400))
        memory.left(1, "a")
        #expect(interval(2, "a") == .seconds(32))
        #expect(interval(1, "a") == .milliseconds(20_400))
        #expect(interval(3, "b") == .seconds(25))
        let isKnown = memory.forgot(after: .seconds(31), began: .zero, in: "a", at: .zero + .seconds(40))
        #expect(isKnown)
        #expect(memory.estimate(of: "a")?.reading.forgotten == .seconds(31))
    }

    /// Round trips differ by milliseconds: what they change is not written each time, and not lost either.
    @Test func aLittleLongerIsNoNews() {
        var memory = KeepaliveMemory()
        let news = (0..<100).map { step in
            memory.survived(.seconds(60) + .milliseconds(40 * step), in: "a", at: .zero)
        }
        #expect(news.count { $0 } == 4)
        #expect(news.first == true)
    }

    @Test func theNetworkThatNobodyWasInForLongestIsForgotten() {
        var memory = KeepaliveMemory()
        for number in 0...KeepaliveMemory.mostNetworks {
            _ = memory.survived(.seconds(60), in: "\(number)", at: .zero)
            if number > 0 { _ = memory.survived(.seconds(60), in: "0", at: .zero) }
        }
        #expect(memory.estimate(of: "0") != nil)
        #expect(memory.estimate(of: "1") == nil)
        #expect(memory.estimate(of: "2") != nil)
    }
}

/// A connection through something that forgets, as `KeepaliveEstimate` sees it.
private struct ForgetfulPath {
    private static let roundTrip = Duration.milliseconds(80)
    /// Two questions without an answer, and a new connection.
    private static let recovery = Duration.milliseconds(3500)

    var idleLimit = Duration.seconds(86_400)
    var deaf = Duration.zero
    private(set) var estimate = KeepaliveEstimate()
    private(set) var now = Instant.zero
    private(set) var losses = 0
    private let limit: Duration
    private var nextOutage: Instant?

    init(limit: Duration, hasOutages: Bool) {
        self.limit = limit
        nextOutage = hasOutages ? now + .seconds(7001) : nil
    }

    /// What all are asked by, be there a trial or not.
    var interval: Duration { estimate.plan(limit: limit, at: now).interval }

    mutating func run(for time: Duration) {
        let end = now + time
        while now < end { ask(isBroken: false) }
    }

    /// The next question finds the connection dead, whatever the network keeps.
    mutating func loseOnce() { ask(isBroken: true) }

    private mutating func ask(isBroken: Bool) {
        let plan = estimate.plan(limit: limit, at: now)
        let silence = (plan.trial ?? plan.interval) - Self.roundTrip
        let began = now
        now = now + silence
        var isLost = isBroken || silence > idleLimit
        if let outage = nextOutage, outage <= now {
            nextOutage = now + .seconds(20_011)
            isLost = true
        }
        guard isLost else {
            now = now + Self.roundTrip
            return estimate.survived(silence, at: now)
        }
        losses += 1
        now = now + Self.recovery
        deaf += max(.zero, silence - idleLimit) + Self.recovery
        estimate.forgot(after: silence, began: began, at: now)
    }
}
