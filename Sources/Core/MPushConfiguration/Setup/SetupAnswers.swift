package import MPushModel

/// A file that `mpushd init` writes.
package struct SetupFile: Equatable, Sendable {
    /// Absolute.
    package let path: String
    package let content: SecretBytes

    package init(path: String, content: SecretBytes) {
        self.path = path
        self.content = content
    }
}

/// Where something comes from that the configuration names by its path.
package enum SetupSource: Equatable, Sendable {
    /// A file that stays where it is: in the directory of the configuration already.
    case inPlace(String)
    /// What is put into a file of this name beside the configuration, where the service can read it.
    case copied(SecretBytes, name: String)
}

/// What a first configuration says.
package struct SetupAnswers: Equatable, Sendable {
    /// The path of the configuration, absolute.
    let configuration: String
    /// `host:port`
    var endpoint: String?
    var user: String?
    /// The server's RSA key.
    var publicKey: SetupSource?
    /// nil for none.
    var credential: SetupSource?
    /// nil for those of the system.
    var authorities: SetupSource?
    /// nil for any key.
    var pin: PublicKeyPin?
    var isWithoutTLS = false

    init(configuration: String) {
        self.configuration = configuration
    }

    /// The directory of the configuration.
    var directory: String {
        let end = configuration.lastIndex(of: "/") ?? configuration.startIndex
        return String(configuration[..<end])
    }

    /// The path that the configuration names `source` by.
    func path(of source: SetupSource) -> String {
        switch source {
        case .inPlace(let path): path
        case .copied(_, let name): "\(directory)/\(name)"
        }
    }

    /// All that has to be written, the configuration last.
    var files: [SetupFile] {
        let copied = [publicKey, authorities, credential].compactMap { source -> SetupFile? in
            guard let source, case .copied(let content, _) = source else { return nil }
            return SetupFile(path: path(of: source), content: content)
        }
        return copied + [SetupFile(path: configuration, content: SecretBytes(text.utf8))]
    }

    /// What stays where it is, and is read by a service: nobody else's files are given to the service's group.
    var filesForService: [String] {
        guard SetupPlace.unit(of: configuration) != nil else { return [] }
        return [publicKey, authorities, credential].compactMap { source in
            guard let source, case .inPlace(let path) = source else { return nil }
            return path
        }
    }

    /// A comment has no line breaks, whatever the name of a directory has.
    private var reloadCommand: String {
        guard let unit = SetupPlace.unit(of: configuration) else {
            return "mpushd check \(configuration.shown(atMost: String.longestNamed))"
        }
        let service = unit.dropLast(".service".count)
        return "sudo mpushd check\(service == "mpushd" ? "" : " " + configuration) && sudo systemctl reload \(service)"
    }

    /// The configuration in TOML, as far as there are answers.
    var text: String {
        var lines = [
            "#:schema /usr/share/doc/mpushd/docs/mpushd.schema.json",
            "# Written by `mpushd init`. Every other key has its default, see mpushd.toml(5).",
            "# After a change: \(reloadCommand)",
            "", "[server]",
        ]
        if let endpoint { lines.append("endpoints = [\(endpoint.asTOML)]") }
        if let publicKey { lines.append("public_key = \(path(of: publicKey).asTOML)") }
        if isWithoutTLS { lines.append("transport = \"plaintext\"") }
        if !isWithoutTLS, authorities != nil || pin != nil {
            lines += ["", "[tls]"]
            if let authorities { lines.append("ca_file = \(path(of: authorities).asTOML)") }
            if let pin {
                lines += [
                    "# The server's next key belongs here too, before the server changes to it.",
                    "pins = [\(pin.description.asTOML)]",
                ]
            }
        }
        lines += ["", "[identity]"]
        if let user { lines.append("user = \(user.asTOML)") }
        if let credential { lines.append("credential_file = \(path(of: credential).asTOML)") }
        return lines.joined(separator: "\n") + "\n"
    }
}
