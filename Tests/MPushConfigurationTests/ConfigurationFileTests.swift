import MPushConfiguration
import Testing

@Suite struct ConfigurationFileTests {
    private func withAuthorities(_ path: String) -> String { minimal + "[tls]\nca_file = \"\(path)\"\n" }

    @Test(arguments: [
        (FileCondition.missing, "no such file"),
        (.notReadable(reason: "permission denied"), "cannot be read: permission denied"),
        (.directory, "is a directory, not a file"), (.special, "is not a regular file"),
        (.readable(mode: 0o600, size: 0), "the file is empty"),
    ])
    func aFileThatCannotBeUsedIsAnError(condition: FileCondition, complaint: String) {
        let environment = FakeEnvironment(files: ["/ca.pem": condition])
        #expect(
            errors(withAuthorities("/ca.pem"), in: environment) == "mpushd.toml:7: tls.ca_file: /ca.pem: \(complaint)")
    }

    @Test func theConfigurationFileItselfIsSpokenOfAlike() {
        let errors = ConfigurationErrors(file: "/etc/mpushd/mpushd.toml", condition: .missing)
        #expect(errors?.description == "/etc/mpushd/mpushd.toml: no such file")
        #expect(ConfigurationErrors(file: "x", condition: .readable(mode: 0o600, size: 1)) == nil)
    }

    @Test func aFileFoundBadLaterIsReportedAtItsLine() throws {
        let reference = try #require(try parse(withAuthorities("/ca.pem")).tls.authorities)
        #expect(
            reference.problem("holds no certificate").description
                == "mpushd.toml:7: tls.ca_file: /ca.pem: holds no certificate")
    }

    @Test(arguments: [
        ("ca.pem", "\"ca.pem\" is not an absolute path. Begin with / or $CREDENTIALS_DIRECTORY/."),
        ("", "\"\" is not an absolute path. Begin with / or $CREDENTIALS_DIRECTORY/."),
        ("~/ca.pem", "\"~/ca.pem\" is not an absolute path. Begin with / or $CREDENTIALS_DIRECTORY/."),
        (
            "$HOME/ca.pem",
            "\"$HOME/ca.pem\" begins with a variable that mpushd does not expand. Write $CREDENTIALS_DIRECTORY/name."
        ),
        (
            "$CREDENTIALS_DIRECTORY",
            "\"$CREDENTIALS_DIRECTORY\" begins with a variable that mpushd does not expand. Write "
                + "$CREDENTIALS_DIRECTORY/name."
        ),
        ("/ca\\u0000.pem", "\"/ca\\u{0}.pem\" is not a path."),
    ])
    func aPathThatIsNotAbsoluteIsAnError(path: String, message: String) {
        #expect(errors(withAuthorities(path)) == "mpushd.toml:7: tls.ca_file: \(message)")
    }

    @Test(arguments: ["\"hunter2\"", "\"hunter2\\n\"", "[\"hunter2\"]", "1.5", "\"$hunter2\""])
    func aSecretInPlaceOfItsFileIsNotRepeated(text: String) {
        let found = errors(minimal + "credential_file = \(text)\n")
        #expect(found.hasPrefix("mpushd.toml:6: identity.credential_file: this is") || text.contains("$"))
        #expect(!found.contains("hunter2") && !found.contains("1.5") && !found.isEmpty)
    }

    @Test(arguments: ["$CREDENTIALS_DIRECTORY/a/b", "${CREDENTIALS_DIRECTORY}/a/b"])
    func theCredentialsDirectoryIsReplaced(path: String) throws {
        let configuration = try parse(withAuthorities(path))
        #expect(configuration.tls.authorities?.path == "/run/credentials/mpushd.service/a/b")
    }

    @Test func anUnsetCredentialsDirectorySaysHowToSetIt() {
        #expect(
            errors(withAuthorities("$CREDENTIALS_DIRECTORY/ca.pem"), in: FakeEnvironment(variables: [:])) == """
                mpushd.toml:7: tls.ca_file: "$CREDENTIALS_DIRECTORY/ca.pem" needs $CREDENTIALS_DIRECTORY, which \
                is not set. systemd sets it for a unit with LoadCredential=ca.pem:/path/to/the/file.
                """)
    }

    @Test func theStateDirectoryMayNotBeThereYetButMayNotBeAFile() throws {
        let text = minimal + "[state]\ndirectory = \"/srv/mpushd\"\n"
        let (absent, file) = (FileCondition.missing, FileCondition.readable(mode: 0o600, size: 1))
        #expect(try parse(text, in: FakeEnvironment(files: ["/srv/mpushd": absent])).state.directory == "/srv/mpushd")
        #expect(
            errors(text, in: FakeEnvironment(files: ["/srv/mpushd": file]))
                == "mpushd.toml:7: state.directory: \"/srv/mpushd\" is a file, not a directory.")
    }
}
