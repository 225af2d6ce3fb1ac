import CLinux
import Glibc
import MPushConfiguration
import MPushConnection
import MPushControl
import MPushDaemon
import MPushDoctor
import MPushJSON
import MPushModel
import MPushPlatform
import MPushSystemd
import NIOCore
import NIOPosix

/// The commands, each to its end.
enum Program {
    /// A status of ten thousand identities has about 10 MiB.
    private static let longestStatus = 64 * 1024 * 1024

    /// Writes `text` to standard output, or to standard error.
    static func say(_ text: String, to file: CInt = STDOUT_FILENO) {
        _ = FileSystem.writeAll(Array(text.utf8), to: file)
    }

    static func check(_ file: String) -> CInt {
        do throws(ConfigurationErrors) {
            let settings = try SettingsLoader.load(
                file, version: ProgramVersion.current, now: MachineClock().wall, environment: MachineEnvironment())
            say("\(file): good. \(settings.summary).\n")
            let warnings = settings.warnings + UnitCheck.warnings(of: settings.configuration, in: file)
            for warning in warnings { say("warning: \(warning.plainText)\n") }
            return EX_OK
        } catch {
            for problem in error.errors { say("\(problem)\n", to: STDERR_FILENO) }
            for warning in error.warnings { say("warning: \(warning.plainText)\n", to: STDERR_FILENO) }
            say("\(error.errors.count) \(error.errors.count == 1 ? "error" : "errors").\n", to: STDERR_FILENO)
            return EX_CONFIG
        }
    }

    static func doctor(_ values: [String: String]) -> Never {
        var options = DoctorOptions(version: ProgramVersion.current)
        options.configurationFile = values["config"] ?? Command.defaultConfiguration
        options.identity = values["identity"]
        options.endpoint = values["endpoint"]
        options.binds = values["bind"] != nil
        if let file = values["status"] {
            guard let content = try? FileSystem.read(file, maximum: longestStatus),
                let json = try? JSONParser.parse(content), let status = try? DaemonStatus(json: json)
            else {
                say("mpushd: doctor: --status: \(file) has no status of a daemon in it\n", to: STDERR_FILENO)
                exit(EX_USAGE)
            }
            options.daemonReports = status.identities
        }
        // A reader that goes away must not end the walk in the middle of a binding.
        signal(SIGPIPE, SIG_IGN)
        let printer = DoctorPrinter(json: values["json"] != nil)
        var doctor: Doctor?
        MultiThreadedEventLoopGroup.withCurrentThreadAsEventLoop { loop in
            let started = Doctor(options, machine: .thisOne, on: loop, observer: printer)
            doctor = started
            started.start()
        }
        withExtendedLifetime((doctor, printer)) { exit(EX_SOFTWARE) }
    }

    static func run(_ options: Daemon.Options) -> Never {
        SignalReader.blockSignals()
        // Short threads come and go; an arena of its own for each would stay.
        mallopt(M_ARENA_MAX, 1)
        let machine = Machine.thisOne
        let environment = MachineEnvironment()
        let clock = machine.clock
        let sink = BackgroundSink(
            writingTo: Logger.standardErrorSink(identifier: "mpushd", clock: clock), clock: clock,
            threads: machine.threads)
        let log = Logger(sink: sink)
        /// Ends the program once its last lines are written, or are not taken.
        func end(_ code: CInt) -> Never {
            sink.flush(within: .milliseconds(500))
            exit(code)
        }
        let settings: LoadedSettings
        do throws(ConfigurationErrors) {
            settings = try SettingsLoader.load(
                options.configurationFile, version: options.version, now: clock.wall, environment: environment)
        } catch {
            log.reject(error, file: options.configurationFile, consequence: "mpushd does not start")
            end(EX_CONFIG)
        }
        log.minimumLevel = settings.logLevel
        let state: StateDirectory
        do throws(StateDirectory.Refusal) {
            state = try StateDirectory(
                configured: settings.configuration.state.directory,
                serviceDirectory: ServiceEnvironment.process.stateDirectory, program: "mpushd \(options.version)",
                isService: getenv("NOTIFY_SOCKET") != nil, files: machine.files)
        } catch {
            log.log(.error, "mpushd does not start: \(error.text)")
            end(error.exitCode)
        }
        // Without it the id of the only identity changes with the first that comes beside it, which is no reason not to run.
        try? SoleIdentity.note(settings, in: state.path, files: machine.files)
        var running: (Daemon, SignalReader)?
        MultiThreadedEventLoopGroup.withCurrentThreadAsEventLoop { eventLoop in
            do throws(OSError) {
                let daemon = try Daemon(
                    settings, state: state, options: options, log: log, notifier: ServiceNotifier(clock: clock),
                    machine: machine, environment: environment, on: eventLoop,
                    onStopped: { code in end(code) })
                let signals = try SignalReader(on: eventLoop) { [weak daemon] signal in daemon?.received(signal) }
                daemon.start()
                running = (daemon, signals)
            } catch {
                log.log(.error, "mpushd cannot run: \(error)")
                end(EX_OSERR)
            }
        }
        // The daemon lives for as long as the loop runs.
        withExtendedLifetime(running) { end(EX_SOFTWARE) }
    }
}
