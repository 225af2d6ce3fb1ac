import ArgumentParser
import Glibc
import NIOPosix

/// `mpush-sim demo`: the real mpushd and a simulated server, watched together.
struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Watch mpushd and a simulated server together.",
        discussion: """
            Starts a server with a throw-away authority and mpushd as a child process, and shows what both say while the \
            server drops connections, falls silent and forgets its sessions. All files are temporary. Ends at Ctrl-C, or \
            after the time given, but never before one whole scene was played.

            Exit status: 0 if all that was shown happened as it should, 1 if not, 66 or 69 if mpushd cannot be started.
            """)

    @Option(help: ArgumentHelp("The program mpushd.", valueName: "path"))
    var mpushd: String

    @Option(
        name: .customLong("for"), help: ArgumentHelp("End after this time; a scene takes 20s.", valueName: "duration"),
        transform: ServeCommand.duration)
    var limit: Duration?

    @Flag(name: .customLong("no-colour"), help: "Print without colours (also with NO_COLOR set, or to no terminal).")
    var noColour = false

    func validate() throws {
        if let limit, limit < .zero { throw ValidationError("--for must not be negative.") }
    }

    func run() throws {
        let terminal = Terminal(allowsColour: !noColour)
        Signals.toEndWithTerminal.block()
        do throws(ProgramFailure) {
            let program = try DemoDaemon.program(at: mpushd)
            let files = try DemoFiles()
            MultiThreadedEventLoopGroup.withCurrentThreadAsEventLoop { loop in
                DemoStage(program: program, files: files, limit: limit, terminal, on: loop).start()
            }
        } catch {
            terminal.complain(error.description)
            throw ExitCode(error.status)
        }
    }
}
