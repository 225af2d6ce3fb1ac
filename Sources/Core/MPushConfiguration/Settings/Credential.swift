package import MPushSecret

/// What proves to the server who a user is: the `data` of BIND (PROTOCOL.md section 4.3).
package enum Credential: Equatable, Sendable {
    /// Written in the configuration, 1 to 4096 bytes.
    case inline(SecretBytes)
    /// In a file, whose reader takes a line end off its end.
    case file(FileReference)
}

extension Credential {
    /// Nil where none is set, and where it is wrong, which is reported.
    init?(reading table: TableReader) {
        let inline = table.optional("credential", .secret(atMost: 4096))
        let file = table.optional("credential_file", .file(example: "$CREDENTIALS_DIRECTORY/alice", isSecret: true))
        if table.holds("credential"), table.holds("credential_file") {
            table.site(of: "credential").report("stands beside identity.credential_file. Write one of them.")
        }
        if inline != nil { Credential.warnIfOthersCanRead(table.site(of: "credential")) }
        guard let credential = inline.map(Credential.inline) ?? file.map(Credential.file) else { return nil }
        self = credential
    }

    private static func warnIfOthersCanRead(_ site: ReadingSite) {
        let file = site.location.file
        guard let mode = site.context.environment.inspect(file).modeReadableByOthers else { return }
        site.warn(
            "every user of this machine can read this file (mode \(mode)). "
                + "Set mode 0640 or less, or use credential_file."
        )
    }
}
