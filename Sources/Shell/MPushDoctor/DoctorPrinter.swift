import Glibc
import MPushJSON
import MPushModel
import MPushPlatform
import MPushSystemd

/// Prints what a walk comes to, on the first line, and then its steps, to standard output, and ends the program. Says on a
/// terminal how far it is meanwhile.
package final class DoctorPrinter: DoctorObserver {
    private let json: Bool
    private let isTerminal = isatty(STDOUT_FILENO) == 1
    private let text: DoctorText
    private var reports: [StepReport] = []

    package init(json: Bool) {
        self.json = json
        // no-color.org
        let isRefused = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
        text = DoctorText(style: Style(isColoured: isTerminal && !isRefused))
    }

    package func stepBegan(_ step: DoctorStep) {
        guard !json, isTerminal else { return }
        write(DoctorPrinter.clear + text.beginning(of: step))
    }

    package func stepEnded(_ report: StepReport) {
        reports.append(report)
    }

    package func walkEnded(_ verdict: Verdict) {
        if json {
            write(DoctorText.json(reports, verdict).text + "\n")
        } else {
            let lines = text.lines(verdict) + reports.flatMap(text.lines)
            write((isTerminal ? DoctorPrinter.clear : "") + lines.joined(separator: "\n") + "\n")
        }
        exit(verdict.status)
    }

    /// To the beginning of the line, and nothing on it.
    private static let clear = "\r\u{1b}[K"

    /// A reader that went away hears no more; the exit status says the rest.
    private func write(_ text: String) {
        _ = FileSystem.writeAll(Array(text.utf8), to: STDOUT_FILENO)
    }
}

/// The lines of `mpushctl doctor`.
struct DoctorText {
    private static let column = 16
    private static let resultColumn = 53

    let style: Style

    /// What stands there while the step is under way.
    func beginning(of step: DoctorStep) -> String { step.rawValue.padded(to: DoctorText.column) + "..." }

    /// Who is to blame, what to do, and a line that sets the steps apart.
    func lines(_ verdict: Verdict) -> [String] {
        let sentence = verdict.sentence.shown(atMost: 1024)
        let shown =
            verdict.culprit == nil
            ? style.good(sentence) : verdict.status == 0 ? style.poor(sentence) : style.bad(sentence)
        return [shown] + verdict.advice.map { "  " + style.strong($0.shown(atMost: 1024)) } + [""]
    }

    func lines(_ report: StepReport) -> [String] {
        let indent = String(repeating: " ", count: DoctorText.column)
        let subject = report.subject.shown(atMost: 400).padded(to: DoctorText.resultColumn - 1) + " "
        let took = report.took.map(\.humanReadable)
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
    static func json(_ reports: [StepReport], _ verdict: Verdict) -> JSONValue {
        .object([
            "good": .bool(verdict.status == 0), "status": .integer(Int64(verdict.status)),
            "culprit": verdict.culprit.map { JSONValue.string($0.rawValue) } ?? .null,
            "verdict": .string(verdict.sentence), "advice": .array(verdict.advice.map(JSONValue.string)),
            "steps": .array(reports.map(json)),
        ])
    }

    private static func json(_ report: StepReport) -> JSONValue {
        .object([
            "step": .string(report.step.rawValue), "outcome": .string(report.outcome.rawValue),
            "subject": .string(report.subject), "took_seconds": report.took.map { .double($0.inSeconds) },
            "cause": report.cause.map(JSONValue.string), "details": .array(report.details.map(JSONValue.string)),
            "advice": .array(report.advice.map(JSONValue.string)),
        ])
    }
}
