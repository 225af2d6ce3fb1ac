import Glibc
import MPushConfiguration
package import MPushModel
import MPushPlatform

/// The steps of the way to a message, in their order.
package enum DoctorStep: String, CaseIterable, Sendable {
    case configuration
    /// Only where one is configured.
    case allocator
    case name
    case tcp
    /// In place of `name` and `tcp`, where one leads to the server.
    case proxy
    case tls
    case handshake
    case resume
    case bind
    case heartbeat
}

/// What came of one step. The texts may come from outside: whoever shows them makes their control characters visible.
package struct StepReport: Equatable, Sendable {
    /// How it went.
    package enum Outcome: String, Equatable, Sendable {
        case good
        /// It works, and there is something to say about it all the same.
        case warning
        /// Not tried, and that is right so.
        case skipped
        /// The walk ends here.
        case failed
    }

    package let step: DoctorStep
    package let outcome: Outcome
    /// What was looked at, or what was found, on one line.
    package let subject: String
    /// How long it took; nil where nothing was waited for.
    package let took: Duration?
    /// More of what was found; where the step failed, what is wrong.
    package var details: [String] = []
    /// What to do.
    package var advice: [String] = []
    /// The code of the cause that the daemon would give (`LossCause`), where the step failed.
    package var cause: String?

    package init(_ step: DoctorStep, _ outcome: Outcome, _ subject: String, took: Duration? = nil) {
        self.step = step
        self.outcome = outcome
        self.subject = subject
        self.took = took
    }
}

/// Who hears how the walk goes. Called on its event loop.
package protocol DoctorObserver: AnyObject {
    /// A step begins.
    func stepBegan(_ step: DoctorStep)
    /// What the server showed in the first TLS handshake, its own certificate first, whether it was taken or not.
    func certificatesShown(_ chain: [ShownCertificate])
    /// A step has ended.
    func stepEnded(_ report: StepReport)
    /// The walk is over, and this is what it comes to. The last call.
    func walkEnded(_ verdict: Verdict)
}

extension DoctorObserver {
    package func certificatesShown(_ chain: [ShownCertificate]) {}
}

/// Times the steps of one walk and tells its observer, in good order: after the end nothing more is said.
final class StepLog {
    private weak var observer: (any DoctorObserver)?
    private let clock: any ClockSource
    private(set) var step = DoctorStep.configuration
    private var began = Instant.zero
    private(set) var hasEnded = false

    init(_ observer: any DoctorObserver, clock: any ClockSource) {
        self.observer = observer
        self.clock = clock
    }

    /// How long the step has taken so far.
    var elapsed: Duration { clock.now - began }

    func begin(_ step: DoctorStep) {
        self.step = step
        began = clock.now
        if !hasEnded { observer?.stepBegan(step) }
    }

    func show(_ chain: [ShownCertificate]) {
        if !hasEnded, !chain.isEmpty { observer?.certificatesShown(chain) }
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

    /// The walk ends here, for what `facts` say.
    func fail(_ subject: String, for facts: DoctorFacts) {
        var report = StepReport(step, .failed, subject, took: elapsed)
        report.details = (facts.cause.map { [$0.sentence] } ?? [])
        report.cause = facts.cause?.code
        end(report, Verdict(of: facts))
    }

    /// The walk ends with what is wrong on this side.
    func fail(_ subject: String, problems: [String], advice: [String], status: CInt) {
        var report = StepReport(step, .failed, subject)
        report.details = problems
        let first = problems.first ?? subject
        let more = problems.count > 1 ? " (and \(problems.count - 1) more)" : ""
        end(
            report,
            Verdict(
                Finding(status == EX_OSERR ? .shortage : .configuration, first + more), advice: advice, status: status))
    }

    /// All was walked.
    func end(_ verdict: Verdict) {
        guard !hasEnded else { return }
        hasEnded = true
        observer?.walkEnded(verdict)
    }

    private func end(_ report: StepReport, _ verdict: Verdict) {
        guard !hasEnded else { return }
        hasEnded = true
        observer?.stepEnded(report)
        observer?.walkEnded(verdict)
    }
}
