import ArgumentParser
import Glibc
import MPushControl
import MPushJSON
import MPushModel
import MPushPlatform

/// `mpushctl reload`
struct ReloadCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload", abstract: "Read the configuration again, and wait until it is in force.",
        discussion:
            "A configuration with errors changes nothing; the errors are printed, and the exit status is 78. With --json they are in the member errors of a problem (RFC 9457)."
    )

    @OptionGroup var common: CommonOptions

    @Option(
        help: ArgumentHelp(
            "Send SIGHUP to this process if there is no API, for example because it is switched off. An API that is full "
                + "or does not answer is an error.",
            valueName: "pid"))
    var orSignal: Int32?

    func run(_ client: ControlClient, _ terminal: Terminal) throws(ControlFailure) {
        var client = client
        if orSignal != nil { client.patience = .seconds(25) }
        do throws(ControlFailure) {
            let answer = try client.send(ControlAPI.reload, ReloadRequest())
            if common.json { return try terminal.say(answer.json.text) }
            try terminal.say("configuration reloaded: \(answer.summary.shown(atMost: 1024))")
            for warning in answer.warnings { terminal.note("warning: \(warning.shown(atMost: 1024))") }
        } catch {
            if common.json, case .problem(let problem) = error { try terminal.say(problem.json.text) }
            guard let process = orSignal, process > 1, error.isAbsence else { throw error }
            terminal.note(
                "mpushctl: \(error.sentence)\nSending SIGHUP to process \(process): what comes of it is in the journal."
            )
            guard kill(process, SIGHUP) == 0 else { throw .system(OSError(errno, "kill")) }
        }
    }
}

extension ControlFailure {
    /// Whether there is no API for this process, so that a signal is all there is. A daemon that is full, slow or says no is
    /// there: a signal would hide what it has to say.
    fileprivate var isAbsence: Bool {
        switch self {
        case .notThere(_, let number): [ENOENT, ENOTDIR, ECONNREFUSED].contains(number)
        // The socket is for others, as where mpushd.socket has another SocketGroup=.
        case .notPermitted: true
        case .problem(let problem): problem.known == .switchedOff
        case .timedOut, .notUnderstood, .cutOff, .failed, .usage, .nothingInJournal, .verdict, .system, .readerGone:
            false
        }
    }
}
