import ArgumentParser
import Glibc
import MPushControl
import MPushJSON
import MPushModel
import MPushPlatform

/// `mpushctl report`: what somebody who is to help has to see.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Write a redacted report to send on: status, doctor, journal and more.",
        discussion: """
            Contains the status, the findings of mpushd check and of the doctor, the metrics, the journal of one day, and \
            the unit with its drop-ins, and says what could not be obtained. Secrets, contents of messages, and \
            everything after the host in URLs are withheld. Takes two minutes at most.
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("Use this configuration instead of the daemon's.", valueName: "file"))
    var config: String?

    @Flag(help: "Write one page of HTML instead of text.")
    var html = false

    private static let most = 512 * 1024

    func run() throws {
        let terminal = Terminal()
        do throws(ControlFailure) {
            let sections = self.sections()
            let heading = "mpushd \(ProgramVersion.current), report of \(MachineClock().wall.rfc3339)"
            let text =
                common.isJSON
                ? ReportCommand.json(sections, heading).text + "\n"
                : html ? ReportText.html(sections, heading: heading) : ReportText.plain(sections, heading: heading)
            guard let output = common.output else { return try terminal.write(Array(text.utf8)) }
            try ReportCommand.write(Array(text.utf8), to: output)
            terminal.note("\(output) is written. \(ReportText.promise)")
        } catch {
            if error != .readerGone { terminal.complain(error.sentence) }
            throw ExitCode(error.status)
        }
    }

    private func sections() -> [ReportSection] {
        let client = ControlClient(path: common.socketPath, patience: .seconds(5))
        var status: DaemonStatus?
        let statusSection: ReportSection
        do throws(ControlFailure) {
            let answer = try client.get(ControlAPI.status, NoQuery())
            status = answer
            statusSection = ReportSection("status", ReportCommand.redacted(answer.json).text)
        } catch {
            statusSection = ReportSection("status", "", shortfall: error.sentence)
        }
        let file = config ?? status?.configurationFile ?? common.configurationPath
        let unit = common.instance.map { "mpushd@\($0).service" } ?? "mpushd.service"
        let mpushd = Sibling.path(of: "mpushd")
        return [
            program(
                "doctor", [mpushd, "doctor", "--config=\(file)"], within: .seconds(20), withholdsQuotes: true),
            statusSection,
            program("check", [mpushd, "check", "--config=\(file)"], within: .seconds(10), withholdsQuotes: true),
            metrics(client),
            program(
                "journal of a day",
                [
                    "journalctl", "--no-pager", "-q", "-o", "json", "-S", "-1d", "-n", "3000", "-u", unit,
                    "--output-fields=\(JournalText.fields)",
                ],
                within: .seconds(20), atMost: 4 * ReportCommand.most, withholdsQuotes: true, JournalText.text),
            program(
                "unit", ["systemctl", "--no-pager", "cat", unit], within: .seconds(10), UnitRedaction.text),
        ]
    }

    private func metrics(_ client: ControlClient) -> ReportSection {
        do throws(ControlFailure) {
            let bytes = try client.content(of: ControlAPI.metrics, NoQuery())
            let cut = bytes.count > ReportCommand.most ? "cut after \(ReportCommand.most / 1024) KiB" : nil
            let text = String(decoding: bytes.prefix(ReportCommand.most), as: UTF8.self)
            return ReportSection("metrics", Redaction.text(text), shortfall: cut)
        } catch {
            return ReportSection("metrics", "", shortfall: error.sentence)
        }
    }

    private func program(
        _ title: String, _ arguments: [String], within limit: Duration, atMost most: Int = ReportCommand.most,
        withholdsQuotes: Bool = false, _ change: (String) -> String = { $0 }
    ) -> ReportSection {
        let output = ChildOutput.of(arguments, within: limit, atMost: most, clock: MachineClock())
        let text = change(output.text)
        return ReportSection(
            title, Redaction.text(text, withholdsQuotes: withholdsQuotes), shortfall: output.shortfall)
    }

    /// Each text in `value` redacted; the words of others go with their quotation marks.
    static func redacted(_ value: JSONValue) -> JSONValue {
        switch value {
        case .null, .bool, .number: value
        case .string(let text): .string(Redaction.text(text, withholdsQuotes: true))
        case .array(let values): .array(values.map(redacted))
        case .object(let members): .object(members.map { JSONMember($0.name, redacted($0.value)) })
        }
    }

    private static func json(_ sections: [ReportSection], _ heading: String) -> JSONValue {
        .object([
            "report": .string(heading),
            "sections": .array(
                sections.map { section in
                    .object([
                        "title": .string(section.title), "text": .string(section.text),
                        "shortfall": section.shortfall.map(JSONValue.string),
                    ])
                }),
        ])
    }

    private static func write(_ bytes: [UInt8], to path: String) throws(ControlFailure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .system(OSError(errno, path)) }
        defer { close(descriptor) }
        if let error = FileSystem.writeAll(bytes, to: descriptor) { throw .system(error) }
    }
}
