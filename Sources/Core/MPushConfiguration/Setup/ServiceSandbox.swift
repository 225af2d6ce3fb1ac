import MPushModel

/// What the sandbox of a unit lets its service see, read and write (systemd.exec(5)), as far as paths and modes say it.
package struct ServiceSandbox: Equatable, Sendable {
    private enum Access: Equatable {
        case hidden
        case readOnly
        case full
    }

    private struct Rule: Equatable {
        let path: String
        let access: Access
        /// The setting that makes it so.
        let setting: String
    }

    /// The owner and the mode of something, as stat(2) says it.
    package struct Ownership: Equatable, Sendable {
        package let mode: UInt32
        package let group: String

        package init(mode: UInt32, group: String) {
            self.mode = mode
            self.group = group
        }
    }

    /// What is asked of `systemctl show`.
    package static let properties = [
        "LoadState", "DynamicUser", "Group", "ProtectSystem", "ProtectHome", "PrivateTmp", "ReadOnlyPaths",
        "InaccessiblePaths", "ReadWritePaths", "TemporaryFileSystem", "BindReadOnlyPaths", "BindPaths",
        "StateDirectory",
        "CacheDirectory", "LogsDirectory", "RuntimeDirectory",
    ]

    /// What systemd makes for the service, whoever else may look into it.
    private static let directories = [
        (name: "StateDirectory", place: "/var/lib"), (name: "CacheDirectory", place: "/var/cache"),
        (name: "LogsDirectory", place: "/var/log"), (name: "RuntimeDirectory", place: "/run"),
    ]

    private let unit: String
    /// The group that a user is made for; nil where the unit has a user of its own.
    private let group: String?
    /// Of two for the same path the later one counts, of several the longest.
    private var rules: [Rule] = []

    /// - Parameter show: lines `Name=value`, as `systemctl show` prints them.
    /// - Returns: nil where there is no such unit.
    package init?(of unit: String, show: String) {
        let values = Dictionary(
            show.split(separator: "\n").compactMap { line in
                line.firstIndex(of: "=").map { (String(line[..<$0]), String(line[line.index(after: $0)...])) }
            }, uniquingKeysWith: { $1 })
        guard values["LoadState"] == "loaded" else { return nil }
        self.unit = unit
        group = values["DynamicUser"] == "yes" ? values["Group"].flatMap { $0.isEmpty ? nil : $0 } : nil
        readSwitches(values)
        add("ReadOnlyPaths", values, .readOnly)
        add("InaccessiblePaths", values, .hidden)
        add("ReadWritePaths", values, .full)
        add("TemporaryFileSystem", values, .hidden)
        add("BindReadOnlyPaths", values, .readOnly)
        add("BindPaths", values, .full)
        for (name, place) in ServiceSandbox.directories {
            for directory in (values[name] ?? "").split(separator: " ") {
                rules.append(Rule(path: "\(place)/\(directory)", access: .full, setting: name))
            }
        }
    }

    private mutating func readSwitches(_ values: [String: String]) {
        let system = values["ProtectSystem"] ?? "no"
        let systemPaths =
            switch system {
            case "strict": ["/"]
            case "full": ["/usr", "/boot", "/efi", "/etc"]
            case "yes": ["/usr", "/boot", "/efi"]
            default: [String]()
            }
        rules += systemPaths.map { Rule(path: $0, access: .readOnly, setting: "ProtectSystem=\(system)") }
        if system == "strict" {
            rules += ["/dev", "/proc", "/sys"].map { Rule(path: $0, access: .full, setting: "ProtectSystem=strict") }
        }
        let home = values["ProtectHome"] ?? "no"
        if home != "no" {
            rules += ["/home", "/root", "/run/user"].map {
                Rule(path: $0, access: home == "read-only" ? .readOnly : .hidden, setting: "ProtectHome=\(home)")
            }
        }
        if values["PrivateTmp"] == "yes" {
            rules += ["/tmp", "/var/tmp"].map { Rule(path: $0, access: .hidden, setting: "PrivateTmp=yes") }
        }
    }

    /// Paths of a list: `-/srv/push /a:/b:rbind`, of which the part after the first colon is where a bind is seen.
    private mutating func add(_ name: String, _ values: [String: String], _ access: Access) {
        for word in (values[name] ?? "").split(separator: " ") {
            let parts = word.drop { "-+".contains($0) }.split(separator: ":")
            let isBind = name.hasPrefix("Bind") && parts.count > 1 && parts[1].hasPrefix("/")
            guard let path = isBind ? parts.dropFirst().first : parts.first, path.hasPrefix("/") else { continue }
            rules.append(Rule(path: String(path), access: access, setting: "\(name)=\(path)"))
        }
    }

    private func rule(for path: String) -> Rule? {
        var best: Rule?
        for rule in rules where rule.path == "/" || path == rule.path || path.hasPrefix(rule.path + "/") {
            if best.map({ rule.path.count >= $0.path.count }) ?? true { best = rule }
        }
        return best
    }

    /// What the service cannot do with `place` that it has to, and what helps; nil for nothing.
    /// - Parameter owner: whose it is; nil where it is not there.
    package func complaint(about place: ServicePlace, ownedAs owner: Ownership?) -> String? {
        let path = place.path.shown(atMost: String.longestNamed)
        let rule = rule(for: place.path)
        let setting = rule?.setting ?? ""
        switch (rule?.access ?? .full, place.use) {
        case (.hidden, .read):
            return "\(path): \(unit) does not see it (\(setting)). Move it to the directory of the configuration."
        case (.hidden, .write):
            return "\(path): \(unit) does not see it (\(setting)). Name a folder elsewhere, such as /srv/push."
        case (.readOnly, .write):
            return
                "\(path): \(unit) may not write there (\(setting)). It may with a drop-in (systemctl edit \(unit)): "
                + "[Service], and below it ReadWritePaths=-\(path)"
        case (.full, _) where ServiceSandbox.directories.contains { $0.name == setting }: return nil
        case (.readOnly, .read), (.full, _): return complaint(about: place, owner)
        }
    }

    private func complaint(about place: ServicePlace, _ owner: Ownership?) -> String? {
        guard let group, let owner, !place.isOfTheService else { return nil }
        let needed: UInt32 = place.use == .read ? 4 : 2
        let allowed = owner.mode & needed != 0 || (owner.group == group && owner.mode & needed << 3 != 0)
        if allowed { return nil }
        let mode = "0" + String(owner.mode & 0o7777, radix: 8)
        let path = place.path.shown(atMost: String.longestNamed)
        switch place.use {
        case .read:
            return
                "\(path): \(unit) may not read it (mode \(mode), group \(owner.group)). chgrp \(group) and chmod g+r let it, or "
                + "LoadCredential= hands it over."
        case .write:
            return
                "\(path): \(unit) may not write there (mode \(mode), group \(owner.group)). chgrp \(group) and chmod g+rwx let "
                + "it."
        }
    }
}

/// Something that a configuration names by its path, and what the service does with it.
package struct ServicePlace: Equatable, Sendable {
    package enum Use: Equatable, Sendable {
        case read
        case write
    }

    package let path: String
    package let use: Use
    package let location: SourceLocation

    package init(path: String, use: Use, location: SourceLocation) {
        self.path = path
        self.use = use
        self.location = location
    }

    /// Whether systemd makes it for the service, whoever else may look.
    var isOfTheService: Bool { path.hasPrefix("/run/credentials/") || path.hasPrefix("/var/lib/private/") }
}

extension Configuration {
    /// All that the service reads or writes besides the configuration itself.
    package var servicePlaces: [ServicePlace] {
        var files = [tls.authorities, tls.revocations, tls.client?.certificate, tls.client?.key, proxy.authorities]
        for case .file(let file) in [server.publicKey] + server.otherPublicKeys { files.append(file) }
        for case .file(let file)? in identities.map(\.credential) + [proxy.secure?.password, proxy.plain?.password] {
            files.append(file)
        }
        let named = files.compactMap(\.self)
        var places = named.map { ServicePlace(path: $0.path, use: .read, location: $0.location) }
        let file = server.publicKey.location.file
        if let directory = state.directory {
            let location = SourceLocation(file: file, key: "state.directory")
            places.append(ServicePlace(path: directory, use: .write, location: location))
        }
        return places + routes.flatMap { $0.servicePlaces(in: file) }
    }
}

extension RouteSettings {
    fileprivate func servicePlaces(in file: String) -> [ServicePlace] {
        func place(_ path: String, _ use: ServicePlace.Use) -> ServicePlace {
            ServicePlace(path: path, use: use, location: SourceLocation(file: file, key: "route \(name)"))
        }
        switch target {
        case .exec(let exec): return ([exec.program] + [exec.directory].compactMap(\.self)).map { place($0, .read) }
        case .stream(let stream):
            return ([stream.program] + [stream.directory].compactMap(\.self)).map { place($0, .read) }
        case .webhook(let webhook):
            var files = [webhook.authorities].compactMap(\.self)
            if case .file(let secret)? = webhook.secret { files.append(secret) }
            return files.map { ServicePlace(path: $0.path, use: .read, location: $0.location) }
        case .file(let folder): return [place(folder.directory, .write)]
        }
    }
}
