import ArgumentParser

/// A command that talks to the daemon.
protocol ControlCommand: ParsableCommand {
    var common: CommonOptions { get }

    func run(_ client: ControlClient, _ terminal: Terminal) throws(ControlFailure)
}

extension ControlCommand {
    func run() throws {
        let terminal = Terminal()
        do throws(ControlFailure) {
            try run(ControlClient(path: common.socketPath), terminal)
        } catch {
            if error != .readerGone { terminal.complain(error.sentence) }
            throw ExitCode(error.status)
        }
    }
}
