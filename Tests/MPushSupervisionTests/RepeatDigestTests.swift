import MPushModel
import MPushSupervision
import Testing

/// Which of the lines that repeat each other are written.
@Suite struct RepeatDigestTests {
    private let start = Instant(sinceBoot: .seconds(50))

    /// What becomes of lines about `topic`, so many with `gap` between them.
    private func verdicts(
        _ topic: RepeatDigest.Topic, _ count: Int, each gap: Duration
    ) -> [RepeatDigest.Verdict] {
        var digest = RepeatDigest()
        return (0..<count).map { digest.verdict(on: topic, at: start + gap * $0) }
    }

    /// A server that answers late each 40 s, or refuses at each attempt.
    @Test(arguments: RepeatDigest.Topic.allCases)
    func aNightOfTheSameCostsAFewDozenLines(topic: RepeatDigest.Topic) {
        for gap in [Duration.milliseconds(10), .seconds(40), .seconds(1799)] {
            let count = Int((.seconds(12 * 3600)) / gap)
            let written = verdicts(topic, min(count, 10_000), each: gap).filter { $0 != .left }
            #expect(written.count < 36 && written.first == .written(left: 0))
        }
    }

    @Test func aFewAreWrittenAndThenTheirNumberAtGrowingPauses() {
        let verdicts = verdicts(.readMissed, 150, each: .seconds(40))
        let written = verdicts.enumerated().filter { $0.element != .left }
        #expect(written.map(\.offset) == [0, 1, 2, 17, 47, 92, 137])
        #expect(
            written.map(\.element) == [0, 0, 0, 14, 29, 44, 44].map { RepeatDigest.Verdict.written(left: $0) })
    }

    @Test func whatIsTheSameEachTimeIsWrittenOnce() {
        #expect(verdicts(.resumeRefused, 3, each: .seconds(1)) == [.written(left: 0), .left, .left])
    }

    @Test func topicsHaveNothingToDoWithEachOther() {
        var digest = RepeatDigest()
        for topic in RepeatDigest.Topic.allCases {
            #expect(digest.verdict(on: topic, at: start) == .written(left: 0))
        }
    }

    @Test func afterHalfAnHourItIsNewsAgain() {
        var digest = RepeatDigest()
        for _ in 0..<5 { _ = digest.verdict(on: .resumeRefused, at: start) }
        #expect(digest.verdict(on: .resumeRefused, at: start + .seconds(1799)) == .written(left: 4))
        #expect(digest.verdict(on: .resumeRefused, at: start + .seconds(1800)) == .left)
        #expect(digest.verdict(on: .resumeRefused, at: start + .seconds(3600)) == .written(left: 1))
        // The pauses begin with the shortest again.
        #expect(digest.verdict(on: .resumeRefused, at: start + .seconds(4200)) == .written(left: 0))
    }

    @Test func whatFollowsIsWrittenWhereItsLineWas() {
        var digest = RepeatDigest()
        #expect(digest.verdict(after: .readMissed) == .written(left: 0))
        for second in 0..<3 {
            _ = digest.verdict(on: .readMissed, at: start + .seconds(second))
            #expect(digest.verdict(after: .readMissed) == .written(left: 0))
        }
        _ = digest.verdict(on: .readMissed, at: start + .seconds(2))
        #expect(digest.verdict(after: .readMissed) == .left)
    }
}
