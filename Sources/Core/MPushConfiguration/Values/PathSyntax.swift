/// How the configuration names files.
enum PathSyntax {
    private static let variable = "CREDENTIALS_DIRECTORY"

    /// The absolute path that `text` stands for: itself, or one below `$CREDENTIALS_DIRECTORY` (systemd.exec(5)). The
    /// error does not repeat what is no path: it may be a secret in the wrong place.
    static func resolve(_ text: String, in environment: any ConfigurationEnvironment) throws(Misspelling) -> String {
        if text.isUnprintable || text.utf8.count > 4095 { throw Misspelling("is not a path") }
        if text.hasPrefix("/") { return text }
        if text.hasPrefix("$") { return try resolveVariable(text, in: environment) }
        throw Misspelling("is not an absolute path. Begin with / or $\(variable)/")
    }

    private static func resolveVariable(
        _ text: String, in environment: any ConfigurationEnvironment
    ) throws(Misspelling) -> String {
        let prefix = ["$\(variable)/", "${\(variable)}/"].first { text.hasPrefix($0) }
        guard let rest = prefix.map({ text.dropFirst($0.count) }), !rest.isEmpty else {
            throw Misspelling("begins with a variable that mpushd does not replace. Write $\(variable)/name")
        }
        guard let directory = environment.variable(named: variable), directory.hasPrefix("/") else {
            throw Misspelling(
                "needs $\(variable), which is not set. systemd sets it for a unit with "
                    + "LoadCredential=\(String(rest).clippedForDisplay):/path/to/the/file")
        }
        return "\(directory)/\(rest)"
    }
}
