import Glibc
package import MPushModel
package import MPushPlatform
import Synchronization

/// Writes records of a level that matters to a sink. A value: copies share the sink and the minimum level, so that a
/// level set at a reload holds everywhere at once. Usable from any thread.
///
///     let log = logger.with([.identity("home"), .user("alice")])
///     log.log(.online, "online as alice at \(endpoint)", [.endpoint(endpoint), .heartbeat(heartbeat)])
///     log.log(.debug, "packet of \(count) bytes")
package struct Logger: Sendable {
    private let sink: any LogSink
    private let threshold: Threshold
    private let context: [JournalField]

    /// A logger that hands what is at `minimumLevel` or above to `sink`.
    package init(sink: any LogSink, minimumLevel: LogLevel = .info) {
        self.init(sink: sink, threshold: Threshold(minimumLevel), context: [])
    }

    private init(sink: any LogSink, threshold: Threshold, context: [JournalField]) {
        self.sink = sink
        self.threshold = threshold
        self.context = context
    }

    /// The least level that is written, for this logger and all that were copied or made from the same one.
    package var minimumLevel: LogLevel {
        get { threshold.level }
        nonmutating set { threshold.level = newValue }
    }

    /// The same logger, with `fields` in each of its records. A field given with a record takes the place of the one
    /// of the same name here.
    package func with(_ fields: [JournalField]) -> Logger {
        Logger(sink: sink, threshold: threshold, context: Logger.merged(context, fields))
    }

    /// Whether `event` would be written, at its own level.
    package func writes(_ event: LogEvent) -> Bool { event.level >= minimumLevel }

    /// Writes that `event` happened, at the event's own level unless `level` says otherwise. `text` and `fields` are
    /// built only when they are written.
    package func log(
        _ event: LogEvent, level: LogLevel? = nil, _ text: @autoclosure () -> String,
        _ fields: @autoclosure () -> [JournalField] = []
    ) {
        write(level ?? event.level, event, text, fields)
    }

    /// Writes a remark that is no event of the catalog.
    package func log(
        _ level: LogLevel, _ text: @autoclosure () -> String, _ fields: @autoclosure () -> [JournalField] = []
    ) {
        write(level, nil, text, fields)
    }

    private func write(
        _ level: LogLevel, _ event: LogEvent?, _ text: () -> String, _ fields: () -> [JournalField]
    ) {
        guard level >= minimumLevel else { return }
        let all = Logger.merged(context, fields())
        sink.write(LogRecord(level: level, event: event, text: text(), fields: all))
    }

    private static func merged(_ context: [JournalField], _ fields: [JournalField]) -> [JournalField] {
        if context.isEmpty { return fields }
        return context.filter { old in !fields.contains { $0.name == old.name } } + fields
    }
}

extension Logger {
    /// The level that copies share.
    private final class Threshold: Sendable {
        private let index: Atomic<Int>

        init(_ level: LogLevel) {
            index = Atomic(Threshold.index(of: level))
        }

        var level: LogLevel {
            get { LogLevel.allCases[index.load(ordering: .relaxed)] }
            set { index.store(Threshold.index(of: newValue), ordering: .relaxed) }
        }

        private static func index(of level: LogLevel) -> Int { LogLevel.allCases.firstIndex(of: level) ?? 0 }
    }
}

extension Logger {
    /// A sink to the journal when systemd connected standard error to it, and otherwise to standard error itself:
    /// for people on a terminal, plain lines into a file or a pipe. Either may wait for whom it writes to.
    ///
    /// - Parameter identifier: the name of the program in the journal (SYSLOG_IDENTIFIER).
    package static func standardErrorSink(
        identifier: String, environment: ServiceEnvironment = .process, clock: any ClockSource
    ) -> any LogSink {
        let lines = TerminalSink(
            descriptor: STDERR_FILENO, format: LineFormat(for: STDERR_FILENO, environment: environment),
            clock: clock)
        guard JournalStream.isConnected(to: STDERR_FILENO, environment: environment) else { return lines }
        return JournalSink(identifier: identifier, fallback: lines)
    }
}
