import MPushCause
import MPushConfiguration
import MPushPlatform
import MPushTime

/// Times the steps of one walk and tells its observer, in good order: after the end nothing more is said.
final class StepLog {
    private weak var observer: (any DoctorObserver)?
    private(set) var step = DoctorStep.configuration
    private var began = Instant.zero
    private(set) var hasEnded = false

    init(_ observer: any DoctorObserver) {
        self.observer = observer
    }

    /// How long the step has taken so far.
    var elapsed: Duration { BootClock.now() - began }

    func begin(_ step: DoctorStep) {
        self.step = step
        began = BootClock.now()
        if !hasEnded { observer?.stepBegan(step) }
    }

    /// The step has ended, and the walk goes on.
    func finish(
        _ outcome: StepReport.Outcome, _ subject: String, isTimed: Bool = true, details: [String] = [],
        advice: [String] = []
    ) {
        guard !hasEnded else { return }
        var report = StepReport(step, outcome, subject, took: isTimed ? elapsed : nil)
        report.details = details
        report.advice = advice
        observer?.stepEnded(report)
    }

    /// The walk ends here, with what to do about it.
    func fail(_ subject: String, cause: LossCause, endpoint: Endpoint?, serverName: String?) {
        let advice = DoctorAdvice(for: cause, endpoint: endpoint, serverName: serverName)
        var report = StepReport(step, .failed, subject, took: elapsed)
        report.details = [cause.sentence]
        report.advice = advice.lines
        report.cause = cause.code
        end(report, status: advice.status)
    }

    /// The walk ends with what is wrong on this side.
    func fail(_ subject: String, problems: [String], advice: [String], status: CInt) {
        var report = StepReport(step, .failed, subject)
        report.details = problems
        report.advice = advice
        end(report, status: status)
    }

    /// All was walked.
    func end() {
        guard !hasEnded else { return }
        hasEnded = true
        observer?.walkEnded(0)
    }

    private func end(_ report: StepReport, status: CInt) {
        guard !hasEnded else { return }
        hasEnded = true
        observer?.stepEnded(report)
        observer?.walkEnded(status)
    }
}
