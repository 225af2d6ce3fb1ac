import ArgumentParser
import Glibc
import MPushControl
import MPushDoctor
import MPushPlatform
import NIOPosix

/// `mpushctl doctor`
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Walk the way to the server step by step, and say what is wrong.",
        discussion: """
            Works without the daemon. While it is online, its user is not bound a second time, because the server would \
            take the user from it.
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("The configuration.", valueName: "file"))
    var config = "/etc/mpushd/mpushd.toml"

    @Option(help: ArgumentHelp("As whom; needed where there are several.", valueName: "name"))
    var identity: String?

    @Option(help: ArgumentHelp("Another server than the first.", valueName: "host:port"))
    var endpoint: String?

    @Flag(help: "Bind even while the daemon is online.")
    var bind = false

    func run() throws {
        var options = DoctorOptions(version: ControlProgram.version)
        options.configurationFile = config
        options.identity = identity
        options.endpoint = endpoint
        options.bindsInAnyCase = bind
        let client = ControlClient(path: common.socketPath, patience: .seconds(5))
        options.askDaemon = { name in
            let status = try? client.get("/v1/status", as: DaemonStatus.self)
            return status?.identities.first { $0.name == name }
        }
        let printer = DoctorPrinter(json: common.json)
        var doctor: Doctor?
        MultiThreadedEventLoopGroup.withCurrentThreadAsEventLoop { loop in
            let started = Doctor(options, on: loop, observer: printer)
            doctor = started
            started.start()
        }
        withExtendedLifetime((doctor, printer)) { Glibc.exit(EX_SOFTWARE) }
    }
}
