package import MPushModel

/// `[log]`: what is written to the journal.
package struct LogSettings: Equatable, Sendable {
    /// The least important level that is written.
    package let level: LogLevel
}

extension LogSettings {
    init(reading table: TableReader) {
        level = table.value("level", takesEffect: .atOnce, .choice, default: .info)
    }
}

/// `[state]`: where mpushd keeps what outlives it.
package struct StateSettings: Equatable, Sendable {
    /// The directory, an absolute path; nil for `$STATE_DIRECTORY`, which systemd sets, or `/var/lib/mpushd`.
    package let directory: String?
}

extension StateSettings {
    init(reading table: TableReader) {
        directory = table.optional("directory", takesEffect: .atRestart, .directory(example: "/var/lib/mpushd"))
    }
}
