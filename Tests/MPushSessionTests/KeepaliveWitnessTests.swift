import MPushModel
import MPushSession
import Testing

/// Which losses are put down to a network that forgets, and after how long a silence.
@Suite struct KeepaliveWitnessTests {
    private static let silence = Silence(began: .zero + .seconds(100), length: .seconds(55))
    private static let lost = LossCause.missedReads(count: 2, silence: .seconds(58))
    private static let end = Instant.zero + .seconds(158)

    private func found(
        _ cause: LossCause = lost, silence: Silence? = silence, next: String = "a", after pause: Duration = .seconds(2)
    ) -> Silence? {
        var witness = KeepaliveWitness()
        witness.ended(cause, after: silence, in: "a", at: Self.end)
        let first = witness.opened(in: next, at: Self.end + pause)
        #expect(witness.opened(in: next, at: Self.end + pause) == nil, "twice")
        return first
    }

    @Test func aConnectionThatWorksSoonAfterConvictsTheNetwork() {
        #expect(found() == Self.silence)
        #expect(found(after: .seconds(60)) == Self.silence)
        #expect(found(.reset(detail: "Connection reset by peer")) == Self.silence)
    }

    @Test func otherwiseItIsNotConvicted() {
        #expect(found(after: .seconds(61)) == nil)
        #expect(found(next: "b") == nil)
        #expect(found(silence: nil) == nil)
        #expect(found(.networkChanged(detail: "x")) == nil)
        #expect(found(.closedByPeer(detail: nil)) == nil)
        #expect(found(.operatorRequest) == nil)
    }

    @Test func aProxyThatCutsIsBelieved() throws {
        let proxy = ProxyURL(scheme: .http, endpoint: try Endpoint(parsing: "proxy.example:3128"))
        let cut = LossCause.proxy(proxy, .idleCut(after: .seconds(60)))
        #expect(found(cut, silence: nil) == Silence(began: .zero + .seconds(98), length: .seconds(60)))
    }

    @Test func whatEndedForAnotherReasonIsForgotten() {
        var witness = KeepaliveWitness()
        witness.ended(Self.lost, after: Self.silence, in: "a", at: Self.end)
        witness.ended(.connect(detail: "refused"), after: nil, in: "a", at: Self.end + .seconds(1))
        #expect(witness.opened(in: "a", at: Self.end + .seconds(2)) == nil)
    }

    // MARK: - What the health check sees

    private func check() -> HealthCheck {
        HealthCheck(asked: .seconds(180), settings: HealthSettings(pingEvery: .seconds(60)), at: .zero)
    }

    private func at(_ seconds: Double) -> Instant { .zero + .seconds(seconds) }

    @Test func theSilenceBeforeWhatWasAnsweredIsKnown() {
        var check = check()
        #expect(check.deadlineReached(at: at(60)) == [.beat])
        check.bytesWritten(at: at(60))
        #expect(check.unanswered == Silence(began: .zero, length: .seconds(60)))
        _ = check.bytesRead(at: at(60.5))
        #expect(check.unanswered == nil)
        #expect(check.reading.survived == .seconds(60))
        // What the server says by itself came through as well.
        _ = check.bytesRead(at: at(100.5))
        #expect(check.reading.survived == .seconds(40))
    }

    /// The second heartbeat comes a moment after the first: what was before the first is what was too long.
    @Test func theLongestSilenceBeforeWhatWasNotAnsweredIsKnown() {
        var check = check()
        check.openingAnswered(after: .milliseconds(50))
        check.bytesWritten(at: at(1))
        _ = check.bytesRead(at: at(1.5))
        #expect(check.deadlineReached(at: at(61)) == [.beat])
        check.bytesWritten(at: at(61))
        var verdicts: [HealthCheck.Verdict] = []
        while let due = check.nextDeadline, verdicts.count < 10 {
            verdicts += check.deadlineReached(at: due)
            if case .dead? = verdicts.last { break }
            check.bytesWritten(at: due)
        }
        #expect(verdicts.count == 3)
        #expect(check.unanswered == Silence(began: at(1.5), length: .milliseconds(59_500)))
    }

    @Test func theIntervalCanBeChangedAndIsNeverMoreThanTheServerAsksFor() {
        var check = check()
        check.bytesWritten(at: at(10))
        #expect(check.nextDeadline == at(70))
        check.beat(every: .seconds(90))
        #expect(check.reading.beatAfter == .seconds(90))
        #expect(check.reading.nextBeat == at(100))
        check.beat(every: .seconds(1000))
        #expect(check.reading.beatAfter == .seconds(179))
        #expect(check.reading.longestBeatAfter == .seconds(179))
        check.beat(every: .seconds(20))
        #expect(check.deadlineReached(at: at(30)) == [.beat])
    }

    /// Where we do not read, an answer may have come: no silence is known.
    @Test func nothingIsSaidWhileNothingIsRead() {
        var check = check()
        check.bytesWritten(at: at(60))
        check.readingPaused()
        #expect(check.unanswered == nil)
    }
}
