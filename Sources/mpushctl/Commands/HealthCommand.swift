import ArgumentParser
import MPushControl
import MPushJSON
import MPushModel

/// `mpushctl health`
struct HealthCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "health", abstract: "Whether messages come and can be stored, as an exit status for probes.",
        discussion: """
            0: all is well. 69: an identity is not bound. 70, with --live: a part of the daemon does not answer, and only \
            a restart helps. 75: the inbox cannot store, or the daemon stops or did not answer in time.
            """)

    @OptionGroup var common: CommonOptions

    @Flag(help: "Only whether the daemon works, for a probe that restarts it; servers and networks do not count.")
    var live = false

    @Flag(help: "Whether every identity is bound and the inbox stores; so it is without --live.")
    var ready = false

    @Option(help: ArgumentHelp("Only whether this identity is bound.", valueName: "name"))
    var identity: String?

    @Flag(help: "Print what was looked at, each on a line.")
    var verbose = false

    func validate() throws {
        guard !live || (!ready && identity == nil && !verbose) else {
            throw ValidationError("--live stands alone: it does not look at identities.")
        }
    }

    func run(_ client: ControlClient, _ terminal: Terminal) throws(ControlFailure) {
        var client = client
        // Somewhat longer than the daemon takes to see that its disk hangs.
        client.patience = .seconds(15)
        if live { return try showLife(client, terminal) }
        var question = HealthQuestion()
        question.identity = identity
        // Also for the reason in one line.
        question.isVerbose = verbose || !common.json
        let report = try client.verdict(ControlAPI.ready, question)
        if common.json {
            try terminal.say(report.json.text)
        } else if verbose {
            for check in report.checks ?? [] {
                try terminal.say(
                    "\(check.isGood ? "ok" : "FAILED")  \(check.name): \(check.detail)".shown(atMost: 1024))
            }
        } else {
            try terminal.say(HealthCommand.line(report))
        }
        guard !report.isHealthy else { return }
        throw .verdict(report.identities.allSatisfy(\.state.isBound) ? .cannotStore : .notBound)
    }

    private func showLife(_ client: ControlClient, _ terminal: Terminal) throws(ControlFailure) {
        let report = try client.verdict(ControlAPI.live, NoQuery())
        try terminal.say(
            common.json ? report.json.text : report.stuck.map { "not live: \($0) does not answer" } ?? "live")
        if !report.isLive { throw .verdict(.stuck) }
    }

    /// `ready, 2 of 2 online`, `not ready, 29 of 31 online: identity till-07: waiting: connection refused; and 1 more`
    static func line(_ report: HealthReport) -> String {
        let online = "\(report.identities.count { $0.state.isBound }) of \(report.identities.count) online"
        guard !report.isHealthy else { return "ready, \(online)" }
        let failed = (report.checks ?? []).filter { !$0.isGood }
        let first = failed.first.map { ": \($0.name): \($0.detail)".shown(atMost: 512) } ?? ""
        return "not ready, \(online)\(first)" + (failed.count > 1 ? "; and \(failed.count - 1) more" : "")
    }
}
