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
        let name = table.optional("name", .identityName)
        let user = table.required(
            "user", .text(example: "alice", atMost: 256, mayHoldComma: true), meaning: "the user to bind")
        deviceID = table.optional("device_id", .text(example: "desk-7", atMost: 128, mayHoldComma: false))
        let tag = ValueFormat.text(example: "news", atMost: 64, mayHoldComma: false)
        tags = table.value("tags", .list(of: tag, atMost: 64), default: [])
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
