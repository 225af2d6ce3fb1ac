import MPushModel

/// A file that the configuration names.
///
/// It was there and could be read when the configuration was. What is in it is for its reader to judge, and to report
/// at `location`.
package struct FileReference: Sendable, CustomStringConvertible {
    /// The absolute path, with `$CREDENTIALS_DIRECTORY` replaced.
    package let path: String

    /// Where the configuration names the file.
    package let location: SourceLocation

    /// The file at `path`, named at `location`.
    package init(path: String, location: SourceLocation) {
        self.path = path
        self.location = location
    }

    package var description: String { path }

    /// What is wrong with the file's content, as an error of the configuration: `…:14: tls.ca_file: <path>: <message>`.
    package func problem(_ message: String) -> ConfigurationProblem {
        ConfigurationProblem(.error, at: location, "\(path): \(message)")
    }

    /// What to say of a file that can be used all the same.
    package func warning(_ message: String) -> ConfigurationProblem {
        ConfigurationProblem(.warning, at: location, "\(path): \(message)")
    }
}

extension FileReference: Hashable {
    /// References to the same path are equal, so that a line moved in the configuration is no change.
    package static func == (left: FileReference, right: FileReference) -> Bool { left.path == right.path }

    package func hash(into hasher: inout Hasher) { hasher.combine(path) }
}

extension ReadingSite {
    /// The path that `text`, the value that stands here, names by way of a variable; nil where it names none so.
    func path(behind text: String) -> String? {
        guard let path = try? PathSyntax.resolve(text, in: context.environment), path != text else { return nil }
        return path
    }
}

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
            throw Misspelling("begins with a variable that mpushd does not expand. Write $\(variable)/name")
        }
        guard let directory = environment.variable(named: variable), directory.hasPrefix("/") else {
            throw Misspelling(
                "needs $\(variable), which is not set. systemd sets it for a unit with "
                    + "LoadCredential=\(String(rest).shown(atMost: String.longestNamed)):/path/to/the/file")
        }
        return "\(directory)/\(rest)"
    }
}
