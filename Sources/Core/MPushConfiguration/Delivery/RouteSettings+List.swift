extension RouteSettings {
    /// Routes that a configuration may have.
    private static let most = 256

    /// Reads each of `tables` and reports names that are there twice. Those that cannot be read are left out, and reported.
    static func list(reading tables: [TableReader], identities: [IdentitySettings]?) -> [RouteSettings] {
        var names: [String: SourceLocation] = [:]
        let routes = tables.compactMap { table in
            let route = RouteSettings(reading: table, identities: identities)
            let site = table.site(of: "name")
            if let route, let first = names.updateValue(site.location, forKey: route.name) {
                site.report(
                    "\(route.name.quotedForDisplay) is already the name of the route in line \(first.lineText). "
                        + "Write a name of its own.")
            }
            return table.isPresent ? route : nil
        }
        if tables.count > most {
            tables.dropFirst(most).first?.site.report("is one too many: there may be \(most) routes.")
        }
        return routes
    }
}
