import MPushModel
import MPushTestSupport
import Testing

@testable import MPushDoctor

private final class RecordingObserver: DoctorObserver {
    private(set) var reports: [StepReport] = []
    private(set) var verdicts: [Verdict] = []

    func stepBegan(_ step: DoctorStep) {}

    func stepEnded(_ report: StepReport) { reports.append(report) }

    func walkEnded(_ verdict: Verdict) { verdicts.append(verdict) }
}

/// What the walk says of its steps, and when.
@Suite struct StepLogTests {
    private let clock = SettableClock()
    private let observer = RecordingObserver()

    @Test func aStepTakesWhatTheClockSays() {
        let log = StepLog(observer, clock: clock)
        log.begin(.name)
        clock.advance(by: .milliseconds(71))
        log.finish(.good, "push.example.com")
        #expect(observer.reports.map(\.took) == [.milliseconds(71)])
    }

    @Test func nothingIsSaidAfterTheEnd() {
        let log = StepLog(observer, clock: clock)
        var facts = DoctorFacts()
        facts.cause = .connect(detail: "no answer")
        log.begin(.tcp)
        log.fail("push.example.com:3443", for: facts)
        log.finish(.good, "late")
        log.end(Verdict(good: "late"))
        #expect(observer.reports.map(\.outcome) == [.failed])
        #expect(observer.reports.first?.cause == LossCause.connect(detail: "").code)
        #expect(observer.verdicts.count == 1)
        #expect(observer.verdicts.first?.advice.isEmpty == false)
    }
}
