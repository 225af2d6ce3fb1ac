/// `[state]`: where mpushd keeps what outlives it.
package struct StateSettings: Equatable, Sendable {
    /// The directory, an absolute path; nil for `$STATE_DIRECTORY`, which systemd sets, or `/var/lib/mpushd`.
    package let directory: String?
}

extension StateSettings {
    init(reading table: TableReader) {
        directory = table.optional("directory", .directory(example: "/var/lib/mpushd"))
    }
}
