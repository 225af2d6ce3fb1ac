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
