import Glibc

extension Logger {
    /// A sink to the journal when systemd connected standard error to it, and otherwise to standard error itself:
    /// for people on a terminal, plain lines into a file or a pipe. Either may wait for whom it writes to.
    ///
    /// - Parameter identifier: the name of the program in the journal (SYSLOG_IDENTIFIER).
    package static func standardErrorSink(
        identifier: String, environment: ServiceEnvironment = .process
    ) -> any LogSink {
        let lines = TerminalSink(
            descriptor: STDERR_FILENO, format: LineFormat(for: STDERR_FILENO, environment: environment))
        guard JournalStream.isConnected(to: STDERR_FILENO, environment: environment) else { return lines }
        return JournalSink(identifier: identifier, fallback: lines)
    }
}
