extension FileTargetSettings {
    /// Nil where there is none, and where it is wrong, which is reported.
    init?(reading table: TableReader) {
        let directory = table.optional("file", .directory(example: "/var/spool/push"))
        let mode = table.value("mode", .fileMode, default: 0o640)
        guard let directory else { return nil }
        self.init(directory: directory, mode: mode)
    }
}
