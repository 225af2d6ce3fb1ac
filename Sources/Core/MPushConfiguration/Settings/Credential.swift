package import MPushSecret

/// A secret that the configuration holds or names: what proves to the server who a user is, the `data` of BIND
/// (PROTOCOL.md section 4.3), or the key that a webhook's requests are signed with.
package enum Credential: Equatable, Sendable {
    /// Written in the configuration, 1 to 4096 bytes.
    case inline(SecretBytes)
    /// In a file, whose reader takes a line end off its end.
    case file(FileReference)
}

extension Credential {
    /// What `key` holds, or the file that `key` with `_file` names. Nil where neither is set, and where it is wrong, which
    /// is reported.
    init?(reading table: TableReader, key: String = "credential", example: String = "$CREDENTIALS_DIRECTORY/alice") {
        let fileKey = key + "_file"
        let inline = table.optional(key, .secret(atMost: 4096))
        let file = table.optional(fileKey, .file(example: example, isSecret: true))
        if table.holds(key), table.holds(fileKey) {
            table.site(of: key).report("stands beside \(table.name(of: fileKey)). Write one of them.")
        }
        if inline != nil { Credential.warnIfOthersCanRead(table.site(of: key), instead: fileKey) }
        guard let credential = inline.map(Credential.inline) ?? file.map(Credential.file) else { return nil }
        self = credential
    }

    static func warnIfOthersCanRead(_ site: ReadingSite, instead: String? = nil) {
        let file = site.location.file
        guard let mode = site.context.environment.inspect(file).modeReadableByOthers else { return }
        site.warn(
            "every user of this machine can read this file (mode \(mode)). "
                + "Set mode 0640 or less\(instead.map { ", or use \($0)" } ?? "")."
        )
    }
}
