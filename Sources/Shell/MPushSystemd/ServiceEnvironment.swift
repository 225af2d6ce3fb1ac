import Glibc

/// What systemd tells a service in its environment (systemd.exec(5)): its directories and its credentials.
package struct ServiceEnvironment: Sendable {
    private let lookUp: @Sendable (String) -> String?

    /// The environment of this process, read at each question.
    package static let process = ServiceEnvironment { name in getenv(name).map { String(cString: $0) } }

    /// An environment that answers with `lookUp`.
    package init(_ lookUp: @escaping @Sendable (String) -> String?) {
        self.lookUp = lookUp
    }

    /// The value of the variable `name`, nil when it is not set.
    package subscript(name: String) -> String? { lookUp(name) }

    /// The first directory of StateDirectory=: what must survive a restart.
    package var stateDirectory: String? { firstDirectory("STATE_DIRECTORY") }

    /// The first directory of RuntimeDirectory=: gone when the service stops.
    package var runtimeDirectory: String? { firstDirectory("RUNTIME_DIRECTORY") }

    /// The first directory of ConfigurationDirectory=.
    package var configurationDirectory: String? { firstDirectory("CONFIGURATION_DIRECTORY") }

    /// The directory of the service's credentials, nil when it was given none.
    package var credentials: CredentialsDirectory? {
        self["CREDENTIALS_DIRECTORY"].flatMap { CredentialsDirectory(path: $0) }
    }

    private func firstDirectory(_ name: String) -> String? {
        guard let first = self[name]?.split(separator: ":").first, first.hasPrefix("/") else { return nil }
        return String(first)
    }
}

/// The directory with the files that LoadCredential= and its kin gave this service; only the service can read it
/// (systemd.exec(5), "Credentials").
package struct CredentialsDirectory: Equatable, Sendable {
    /// Its absolute path.
    package let path: String

    /// The directory at `path`, nil when that is not absolute.
    package init?(path: String) {
        guard path.hasPrefix("/") else { return nil }
        self.path = path
    }

    /// Where the credential `name` lies, if it was given; nil when `name` cannot be one: a credential's name is a
    /// plain file name.
    package func path(of name: String) -> String? {
        guard !name.isEmpty, name != ".", name != "..", !name.utf8.contains(0x2F), !name.utf8.contains(0) else {
            return nil
        }
        return path + "/" + name
    }
}
