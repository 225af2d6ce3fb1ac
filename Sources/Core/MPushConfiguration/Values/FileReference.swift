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
