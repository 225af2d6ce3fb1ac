package import MPushModel

/// `[identity]` or `[[identity]]`: a user as which mpushd connects. Each has a connection of its own.
package struct IdentitySettings: Equatable, Sendable {
    /// What the identity is called in logs, in the names of files and in commands: up to 64 of A-Z a-z 0-9 . _ - and
    /// unique in the configuration.
    package let name: String

    /// The user to bind (PROTOCOL.md section 4.3); unique in the configuration.
    package let user: String

    /// The device id of the handshake (PROTOCOL.md section 4.1); nil for one derived from this machine.
    package let deviceID: String?

    /// What the user is bound with, for pushes to all with a tag. None holds a comma.
    package let tags: [String]

    /// What proves to the server's validator who the user is; nil for nothing.
    package let credential: Credential?

    /// Where the identity is set up.
    package let location: SourceLocation
}

extension IdentitySettings {
    /// Nil where something required is missing or wrong, which is reported.
    init?(reading table: TableReader) {
        let name = table.optional("name", takesEffect: .atOnce, .identityName)
        let user = table.required("user", takesEffect: .atOnce, .user, meaning: "the user to bind")
        deviceID = table.optional(
            "device_id", takesEffect: .byNewConnection, .text(example: "desk-7", atMost: 128, mayHoldComma: false))
        tags = table.value(
            "tags", takesEffect: .atOnce, .list(of: .tag, atMost: BindRules.mostTags), default: [])
        credential = Credential(reading: table)
        location = table.site.location
        guard let user else { return nil }
        self.user = user
        self.name = name ?? IdentityName.derived(fromUser: user)
    }

    /// Equal where all is equal but the place in the file.
    package static func == (left: IdentitySettings, right: IdentitySettings) -> Bool {
        (left.name, left.user, left.deviceID) == (right.name, right.user, right.deviceID)
            && (left.tags, left.credential) == (right.tags, right.credential)
    }
}

extension IdentitySettings {
    /// Reads each of `tables` and reports names and users that are there twice. Nil where one cannot be read.
    ///
    /// - Parameter largestBody: What the server accepts, in bytes: BIND has to fit.
    static func list(reading tables: [TableReader], largestBody: Int) -> [IdentitySettings]? {
        var identities: [IdentitySettings] = []
        var names: [String: SourceLocation] = [:]
        var users: [String: SourceLocation] = [:]
        for table in tables {
            guard let identity = IdentitySettings(reading: table) else { continue }
            let nameSite = table.site(of: table.holds("name") ? "name" : "user")
            let userSite = table.site(of: "user")
            if let first = users.updateValue(userSite.location, forKey: identity.user) {
                userSite.report(
                    "\(identity.user.quoted) is already the user on line \(first.lineText). "
                        + "The server would move the user from one connection to the other and back.")
            } else if let first = names.updateValue(nameSite.location, forKey: identity.name) {
                nameSite.report(
                    "\(identity.name.quoted) is already the name of the identity on line \(first.lineText). "
                        + "Write another name.")
            }
            identity.checkBindSize(largestBody, in: table)
            identities.append(identity)
        }
        return identities.count == tables.count ? identities : nil
    }

    /// Reports where BIND would be too long for the server, which falls silent and closes at such a frame.
    private func checkBindSize(_ largest: Int, in table: TableReader) {
        let length = credential?.length(in: table.site.context.environment) ?? 0
        let size = BindRules.bodySize(user: user, tags: tags, credentialLength: length)
        guard size > largest else { return }
        table.site.report(
            "binding this user takes \(size) bytes, with its tags and credential, and limits.max_send is "
                + "\(ByteCount.spelled(largest)). Shorten them, or raise max_send if the server's max-packet-size allows it."
        )
    }
}

extension SourceLocation {
    /// The number of the line, for people.
    var lineText: String { line.map(String.init) ?? "?" }
}

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
    init?(
        reading table: TableReader, key: String = "credential", example: String = "$CREDENTIALS_DIRECTORY/alice",
        takesEffect effect: ChangeEffect = .atOnce
    ) {
        let fileKey = key + "_file"
        let inline = table.optional(key, takesEffect: effect, .secret(atMost: BindRules.longestCredential))
        let file = table.optional(fileKey, takesEffect: effect, .file(example: example, isSecret: true))
        if table.holds(key), table.holds(fileKey) {
            table.site(of: key).report("is set together with \(table.name(of: fileKey)). Write one of them.")
        }
        if inline != nil { Credential.warnIfOthersCanRead(table.site(of: key), instead: fileKey) }
        guard let credential = inline.map(Credential.inline) ?? file.map(Credential.file) else { return nil }
        self = credential
    }

    /// How long it is, in bytes: a file's length is taken for its secret's.
    fileprivate func length(in environment: any ConfigurationEnvironment) -> Int {
        switch self {
        case .inline(let secret): return secret.count
        case .file(let reference):
            guard case .readable(_, let size) = environment.inspect(reference.path) else { return 0 }
            return Int(min(size, Int64(BindRules.longestCredential)))
        }
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
