import Glibc

extension Logger {
    /// A logger to the journal when systemd connected standard error to it, and otherwise to standard error itself:
    /// for people on a terminal, plain lines into a file or a pipe.
    ///
    /// - Parameters:
    ///   - identifier: the name of the program in the journal (SYSLOG_IDENTIFIER).
    ///   - minimumLevel: the least level that is written.
    package static func standardError(
        identifier: String, minimumLevel: LogLevel = .info, environment: ServiceEnvironment = .process
    ) -> Logger {
        let lines = TerminalSink(
            descriptor: STDERR_FILENO, format: LineFormat(for: STDERR_FILENO, environment: environment))
        guard JournalStream.isConnected(to: STDERR_FILENO, environment: environment) else {
            return Logger(sink: lines, minimumLevel: minimumLevel)
        }
        return Logger(sink: JournalSink(identifier: identifier, fallback: lines), minimumLevel: minimumLevel)
    }
}
