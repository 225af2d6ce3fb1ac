import ArgumentParser
import Glibc
import MPushSimulator

/// `mpush-sim try`: a server, mpushd and a route in one terminal, for somebody's first five minutes.
struct TryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "try", abstract: "Try mpushd: a server, the daemon and a route in one terminal.",
        discussion: """
            Starts a simulated server at a port that the kernel chooses, and mpushd with a route to a program, prints what \
            both do, and says at each step what to type next. The commands are those of serve. Ctrl-C, or quit, ends \
            everything; all files are temporary.

            Exit status: 0 at Ctrl-C, 1 if mpushd ended by itself, 66 or 69 if it cannot be started.
            """)

    @Option(
        help: ArgumentHelp(
            "The program mpushd; else the one beside mpush-sim, else the one in PATH.", valueName: "path"))
    var mpushd: String?

    @Flag(
        name: .customLong("no-colour"),
        help: "Print without colours (the default with NO_COLOR set, or when the output is not a terminal).")
    var noColour = false

    func run() throws {
        let terminal = Terminal(allowsColour: !noColour)
        try StageLoop.run(terminal) { () throws(ProgramFailure) in
            let program = try program()
            let files = try DemoFiles(TryConfiguration.text, named: "mpush-try")
            let tour = TryTour(controlProgram: Self.shortest("mpushctl"), socketPath: files.socketPath)
            return { TryStage(program: program, files: files, tour, terminal, timer: $0).start() }
        }
    }

    // MARK: - Programs

    /// mpushd where the option says, or beside this program, as after a build and after an installation, or in PATH.
    private func program() throws(ProgramFailure) -> String {
        if let path = mpushd ?? Self.beside("mpushd") ?? Self.inPath("mpushd") {
            return try DemoDaemon.program(at: path)
        }
        throw .unavailable("mpushd is neither beside mpush-sim nor in PATH. Say where it is: --mpushd PATH")
    }

    /// What to type for the program `name`: its name, where PATH leads to the one that is meant.
    private static func shortest(_ name: String) -> String {
        guard let path = beside(name) else { return name }
        guard let found = inPath(name), let real = realpath(found, nil) else { return path }
        defer { free(real) }
        return String(cString: real) == path ? name : path
    }

    private static func beside(_ name: String) -> String? {
        guard let own = realpath("/proc/self/exe", nil) else { return nil }
        defer { free(own) }
        let folder = String(cString: own).split(separator: "/").dropLast().joined(separator: "/")
        let path = "/\(folder)/\(name)"
        return access(path, X_OK) == 0 ? path : nil
    }

    private static func inPath(_ name: String) -> String? {
        let folders = getenv("PATH").map { String(cString: $0).split(separator: ":") } ?? []
        return folders.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }
}
