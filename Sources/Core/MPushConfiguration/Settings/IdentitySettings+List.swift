extension IdentitySettings {
    /// Reads each of `tables` and reports names and users that are there twice. Nil where one cannot be read.
    static func list(reading tables: [TableReader]) -> [IdentitySettings]? {
        var identities: [IdentitySettings] = []
        var names: [String: SourceLocation] = [:]
        var users: [String: SourceLocation] = [:]
        for table in tables {
            guard let identity = IdentitySettings(reading: table) else { continue }
            let nameSite = table.site(of: table.holds("name") ? "name" : "user")
            let userSite = table.site(of: "user")
            if let first = users.updateValue(userSite.location, forKey: identity.user) {
                userSite.report(
                    "\(identity.user.quotedForDisplay) is already the user of line \(first.lineText). "
                        + "The server would move the user from one connection to the other and back.")
            } else if let first = names.updateValue(nameSite.location, forKey: identity.name) {
                nameSite.report(
                    "\(identity.name.quotedForDisplay) is already the name of the identity in line \(first.lineText). "
                        + "Write a name of its own.")
            }
            identities.append(identity)
        }
        return identities.count == tables.count ? identities : nil
    }
}

extension SourceLocation {
    /// The number of the line, for people.
    var lineText: String { line.map(String.init) ?? "?" }
}
