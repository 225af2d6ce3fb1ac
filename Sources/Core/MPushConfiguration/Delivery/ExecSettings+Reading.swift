extension ExecSettings {
    /// Nil where there is none, and where it is wrong, which is reported.
    init?(reading table: TableReader) {
        let command = table.optional("exec", .command)
        let directory = table.optional("directory", .directory(example: "/var/lib/push"))
        let timeLimit = table.timeLimit(default: .seconds(30))
        guard let command else { return nil }
        self.init(
            program: command.program, arguments: command.arguments, timeLimit: timeLimit, directory: directory)
    }
}
