import CLinux
import Glibc
import MPushConfiguration
import MPushDaemon
import MPushPlatform
import MPushSettings
import MPushSystemd
import NIOCore
import NIOPosix

let version = "0.1.0"

/// Writes `text` to standard output, or to standard error.
func say(_ text: String, to file: CInt = STDOUT_FILENO) {
    let bytes = Array(text.utf8)
    var rest = bytes[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        guard count > 0 || errno == EINTR else { return }
        rest = rest.dropFirst(max(0, count))
    }
}

func check(_ file: String) -> CInt {
    do throws(ConfigurationErrors) {
        let settings = try SettingsLoader.load(file, version: version)
        say("\(file): good. \(settings.summary).\n")
        for warning in settings.warnings { say("warning: \(warning.plainText)\n") }
        return EX_OK
    } catch {
        for problem in error.errors { say("\(problem)\n", to: STDERR_FILENO) }
        for warning in error.warnings { say("warning: \(warning.plainText)\n", to: STDERR_FILENO) }
        say("\(error.errors.count) \(error.errors.count == 1 ? "error" : "errors").\n", to: STDERR_FILENO)
        return EX_CONFIG
    }
}

func run(_ options: Daemon.Options) -> Never {
    SignalReader.blockSignals()
    // Short threads come and go; an arena of its own for each would stay.
    mallopt(M_ARENA_MAX, 1)
    let sink = BackgroundSink(writingTo: Logger.standardErrorSink(identifier: "mpushd"))
    let log = Logger(sink: sink)
    /// Ends the program once its last lines are written, or are not taken.
    func end(_ code: CInt) -> Never {
        sink.flush(within: .milliseconds(500))
        exit(code)
    }
    let settings: LoadedSettings
    do throws(ConfigurationErrors) {
        settings = try SettingsLoader.load(options.configurationFile, version: options.version)
    } catch {
        log.reject(error, file: options.configurationFile, consequence: "mpushd does not start")
        end(EX_CONFIG)
    }
    log.minimumLevel = settings.logLevel
    var running: Daemon?
    MultiThreadedEventLoopGroup.withCurrentThreadAsEventLoop { eventLoop in
        do throws(OSError) {
            let daemon = try Daemon(
                settings, options: options, log: log, notifier: ServiceNotifier(), on: eventLoop,
                onStopped: { code in end(code) })
            try daemon.start()
            running = daemon
        } catch {
            log.log(.error, "mpushd cannot run: \(error)")
            end(EX_OSERR)
        }
    }
    // The daemon lives for as long as the loop runs.
    withExtendedLifetime(running) { end(EX_SOFTWARE) }
}

switch CommandLineArguments(Array(CommandLine.arguments.dropFirst())) {
case .run(let configuration, let printsMessages):
    run(Daemon.Options(configurationFile: configuration, printsMessages: printsMessages, version: version))
case .check(let configuration):
    exit(check(configuration))
case .help:
    say(HelpText.help)
case .version:
    say("mpushd \(version)\n")
case .wrong(let what):
    say("mpushd: \(what)\n\(HelpText.usage)\n", to: STDERR_FILENO)
    exit(EX_USAGE)
}
