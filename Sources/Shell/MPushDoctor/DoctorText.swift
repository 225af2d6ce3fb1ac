import MPushJSON
import MPushSystemd
import MPushTerminal
import MPushTime

/// The lines of `mpushctl doctor`.
struct DoctorText {
    private static let column = 16
    private static let resultColumn = 53

    let style: Style

    /// What stands there while the step is under way.
    func beginning(of step: DoctorStep) -> String { step.rawValue.padded(to: DoctorText.column) + "..." }

    func lines(_ report: StepReport) -> [String] {
        let indent = String(repeating: " ", count: DoctorText.column)
        let subject = report.subject.shown(atMost: 400).padded(to: DoctorText.resultColumn - 1) + " "
        let took = report.took.map(\.spoken)
        let result =
            switch report.outcome {
            case .good: style.good(took ?? "good")
            case .warning: style.poor([took, "see below"].compactMap(\.self).joined(separator: ", "))
            case .skipped: style.faint("-")
            case .failed: style.bad("FAILED") + (took.map { " after \($0)" } ?? "")
            }
        let details = report.details.map { indent + $0.shown(atMost: 1024) }
        let advice = report.advice.map { indent + style.strong($0.shown(atMost: 1024)) }
        return [report.step.rawValue.padded(to: DoctorText.column) + subject + result] + details + advice
    }

    /// The whole walk for programs.
    static func json(_ reports: [StepReport], status: CInt) -> JSONValue {
        .object([
            "good": .bool(status == 0), "status": .integer(Int64(status)),
            "steps": .array(reports.map(json)),
        ])
    }

    private static func json(_ report: StepReport) -> JSONValue {
        .object([
            "step": .string(report.step.rawValue), "outcome": .string(report.outcome.rawValue),
            "subject": .string(report.subject), "took_seconds": report.took.map { .number($0.inSeconds) },
            "cause": report.cause.map(JSONValue.string), "details": .array(report.details.map(JSONValue.string)),
            "advice": .array(report.advice.map(JSONValue.string)),
        ])
    }
}
