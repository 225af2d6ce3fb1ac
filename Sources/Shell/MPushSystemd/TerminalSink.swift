import CLinux

/// Writes records as lines of text to a descriptor, each line with one write(2), so that lines of several threads and
/// programs do not mix. A descriptor that blocks is waited for; what another does not take at once is lost.
package struct TerminalSink: LogSink {
    private let descriptor: CInt
    private let format: LineFormat

    /// A sink that writes to `descriptor`, which stays the caller's.
    package init(descriptor: CInt, format: LineFormat) {
        self.descriptor = descriptor
        self.format = format
    }

    package func write(_ record: LogRecord) {
        let line = Array(format.line(for: record, at: SystemClock.wall()).utf8)
        _ = clinux_write_all(descriptor, line, line.count, 0)
    }
}
