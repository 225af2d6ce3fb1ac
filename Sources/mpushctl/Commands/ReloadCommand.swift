import ArgumentParser
import Glibc
import MPushControl
import MPushJSON
import MPushPlatform
import MPushSystemd

/// `mpushctl reload`
struct ReloadCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload", abstract: "Have the configuration read again, and wait until it is in force.",
        discussion: "A configuration with errors changes nothing; they are said, and the exit status is 78.")

    @OptionGroup var common: CommonOptions

    @Option(
        help: ArgumentHelp(
            "Send SIGHUP to this process where the API does not answer within ten seconds, as when it is switched off.",
            valueName: "pid"))
    var orSignal: Int32?

    func run(_ client: ControlClient, _ terminal: Terminal) throws(ControlFailure) {
        var client = client
        if orSignal != nil { client.patience = .seconds(10) }
        do throws(ControlFailure) {
            let answer: ReloadAnswer = try client.send("POST", "/v1/reload", ReloadRequest())
            if common.json { return try terminal.say(answer.json.text) }
            try terminal.say("configuration reloaded: \(answer.summary.shown(atMost: 1024))")
            for warning in answer.warnings { terminal.note("warning: \(warning.shown(atMost: 1024))") }
        } catch {
            guard let process = orSignal, process > 1, !error.isRefusal else { throw error }
            terminal.note("mpushctl: \(error.sentence)\nSending SIGHUP to process \(process).")
            guard kill(process, SIGHUP) == 0 else { throw .system(OSError(errno, "kill")) }
        }
    }
}

extension ControlFailure {
    /// Whether the daemon heard, and will not: a signal would change nothing.
    fileprivate var isRefusal: Bool {
        guard case .problem(let problem) = self else { return false }
        return [.badConfiguration, .notPermitted, .stopping].contains(problem.known)
    }
}
