import Glibc
import MPushJSON
import MPushPlatform
import MPushTerminal

/// Prints each step of a walk as it ends, to standard output, and ends the program after the last. With JSON, prints all
/// at the end.
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
        write(text.beginning(of: step))
    }

    package func stepEnded(_ report: StepReport) {
        reports.append(report)
        guard !json else { return }
        write((isTerminal ? "\r\u{1b}[K" : "") + text.lines(report).joined(separator: "\n") + "\n")
    }

    package func walkEnded(_ status: CInt) {
        if json { write(DoctorText.json(reports, status: status).text + "\n") }
        exit(status)
    }

    /// A reader that went away hears no more; the exit status says the rest.
    private func write(_ text: String) {
        _ = FileSystem.writeAll(Array(text.utf8), to: STDOUT_FILENO)
    }
}
