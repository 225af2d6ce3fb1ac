/// `[log]`: what is written to the journal.
package struct LogSettings: Equatable, Sendable {
    /// The least important level that is written.
    package let level: LogLevel
}

extension LogSettings {
    init(reading table: TableReader) {
        level = table.value("level", .choice, default: .info)
    }
}
