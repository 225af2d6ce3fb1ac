import Glibc
import MPushDoctor
import MPushJSON

/// Prints each step as it ends, and ends the program after the last. With JSON, prints all at the end.
final class DoctorPrinter: DoctorObserver {
    private let json: Bool
    private let terminal = Terminal()
    private let text: DoctorText
    private var reports: [StepReport] = []

    init(json: Bool) {
        self.json = json
        text = DoctorText(style: Style(isColoured: terminal.isColoured))
    }

    func stepBegan(_ step: DoctorStep) {
        guard !json, terminal.isTerminal else { return }
        try? terminal.write(Array(text.beginning(of: step).utf8))
    }

    func stepEnded(_ report: StepReport) {
        reports.append(report)
        guard !json else { return }
        let start = terminal.isTerminal ? "\r\u{1b}[K" : ""
        try? terminal.say(start + text.lines(report).joined(separator: "\n"))
    }

    func walkEnded(_ status: CInt) {
        if json { try? terminal.say(DoctorText.json(reports, status: status).text) }
        exit(status)
    }
}
