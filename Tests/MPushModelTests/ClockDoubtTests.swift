import MPushModel
import Testing

/// When this machine's clock is held to be why a certificate was refused.
@Suite struct ClockDoubtTests {
    private static let good = ProgramVersion.built.advanced(by: .seconds(86_400))
    private static let old = ProgramVersion.built.advanced(by: .seconds(-1))
    private static let future = TLSFailure.notYetValid(detail: "x, starts later")
    private static let ended = TLSFailure.expired(detail: "x, ended before")

    private func doubt(
        _ failure: TLSFailure, wall: WallTime, newest: WallTime? = nil, isSynchronised: Bool
    ) -> ClockDoubt? {
        ClockEvidence(wall: wall, newestOnRecord: newest, isSynchronised: isSynchronised).doubt(about: failure)
    }

    @Test func aClockBeforeTheProgramWasMadeIsNotBelieved() {
        #expect(doubt(Self.future, wall: Self.old, isSynchronised: true) == .beforeBuild)
        #expect(doubt(Self.future, wall: WallTime(millisecondsSince1970: 0), isSynchronised: false) == .beforeBuild)
        #expect(doubt(Self.future, wall: ProgramVersion.built, isSynchronised: true) == nil)
    }

    @Test func aClockBeforeTheNewestMessageIsNotBelieved() {
        let newest = Self.good.advanced(by: .seconds(61))
        #expect(doubt(Self.future, wall: Self.good, newest: newest, isSynchronised: true) == .beforeRecord(newest))
        #expect(
            doubt(Self.future, wall: Self.good.advanced(by: .seconds(1)), newest: newest, isSynchronised: true) == nil)
    }

    @Test func aClockThatNothingSetsMayBeWrongEitherWay() {
        for failure in [Self.future, Self.ended] {
            #expect(doubt(failure, wall: Self.good, isSynchronised: false) == .unsynchronised)
            #expect(doubt(failure, wall: Self.good, isSynchronised: true) == nil)
        }
    }

    /// By a right clock it has ended all the more.
    @Test func whatHasEndedByAClockThatIsBehindHasEnded() {
        #expect(doubt(Self.ended, wall: Self.old, isSynchronised: false) == nil)
        let newest = Self.good.advanced(by: .seconds(3600))
        #expect(doubt(Self.ended, wall: Self.good, newest: newest, isSynchronised: false) == nil)
    }

    @Test func whatIsNotOfDatesIsNotOfTheClock() {
        let others: [TLSFailure] = [
            .wrongHost(detail: ""), .unknownAuthority(detail: ""), .revoked(detail: ""), .noPinMatched(detail: ""),
            .badCertificate(detail: ""), .protocolVersion(detail: ""), .clientCertificateRefused(detail: ""),
            .peerClosed(detail: ""), .timedOut(after: .seconds(1)), .other(detail: ""),
        ]
        for failure in others {
            #expect(doubt(failure, wall: Self.old, isSynchronised: false) == nil)
        }
    }

    @Test func aLossIsJudgedOnceAndSaysWhatItSaw() {
        let evidence = ClockEvidence(wall: Self.old, newestOnRecord: nil, isSynchronised: false)
        let cause = LossCause.tls(Self.future).judged(by: evidence)
        #expect(cause == .clock(Self.future, .beforeBuild, at: Self.old))
        #expect(cause.judged(by: evidence) == cause && cause.isOfClock && cause.code == "clock")
        #expect(cause.sentence.contains("not valid yet") && cause.sentence.contains(Self.old.rfc3339))
        #expect(LossCause.kicked.judged(by: evidence) == .kicked)
    }
}
