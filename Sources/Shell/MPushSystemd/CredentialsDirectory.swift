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
