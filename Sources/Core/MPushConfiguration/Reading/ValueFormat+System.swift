import MPushModel

extension ValueFormat<FileReference> {
    /// The path of a file that must be there, be readable and not be empty.
    ///
    /// - Parameter isSecret: Whether to warn where every user of the machine can read it.
    static func file(example: String, isSecret: Bool = false) -> ValueFormat {
        var format = spelled("a string", example: "\"\(example)\"", isSecret: isSecret) {
            text, site throws(Misspelling) in
            let path = try PathSyntax.resolve(text, in: site.context.environment)
            let condition = site.context.environment.inspect(path)
            if let complaint = condition.complaint {
                site.report("\(path.shown(atMost: String.longestNamed)): \(complaint)")
            } else if isSecret, let mode = condition.modeReadableByOthers {
                site.warn(
                    "\(path.shown(atMost: String.longestNamed)): every user of this machine can read this secret (mode \(mode)). "
                        + "Set mode 0640 or less, or hand it over with LoadCredential=.")
            }
            return FileReference(path: path, location: site.location)
        }
        format.isPath = true
        return format
    }
}

extension ValueFormat<String> {
    /// The path of a directory. It may not be there yet.
    static func directory(example: String) -> ValueFormat<String> {
        ValueFormat.spelled("a string", example: "\"\(example)\"") {
            text, site throws(Misspelling) in
            let path = try PathSyntax.resolve(text, in: site.context.environment)
            switch site.context.environment.inspect(path) {
            case .readable, .special: throw Misspelling("is a file, not a directory")
            case .missing, .notReadable, .directory: return path
            }
        }
    }
}

extension ValueFormat<ServerPublicKey> {
    /// The path of a key's file, or the key itself in base64. A key in DER begins with MI in base64, never with / or $.
    static var publicKey: ValueFormat<ServerPublicKey> {
        ValueFormat(
            noun: "a string", example: "\"/etc/mpushd/server-rsa.pem\""
        ) { node, site in
            let example = "/etc/mpushd/server-rsa.pem"
            if case .string(let text) = node.value, !text.hasPrefix("/"), !text.hasPrefix("$") {
                let inline = ValueFormat<InlinePublicKey>.spelled("a string", example: example) {
                    text, site throws(Misspelling) in try InlinePublicKey(text, location: site.location)
                }
                return inline.read(node, site).map(ServerPublicKey.inline)
            }
            return ValueFormat<FileReference>.file(example: example).read(node, site).map(ServerPublicKey.file)
        }
    }
}

extension ValueFormat<String> {
    /// The path of a Unix socket, which the kernel bounds (unix(7)).
    static var socket: ValueFormat<String> {
        ValueFormat.spelled("a string", example: "\"/run/mpushd/mpushd.sock\"") { text, site throws(Misspelling) in
            guard text.hasPrefix("/") else { throw Misspelling("is not an absolute path. Begin with /") }
            if text.isUnprintable || text.hasSuffix("/") { throw Misspelling("is not the path of a socket") }
            guard text.utf8.count <= 107 else {
                throw Misspelling("has \(text.utf8.count) bytes. The path of a socket may have 107")
            }
            switch site.context.environment.inspect(text) {
            case .readable: throw Misspelling("is a file. Name a path where nothing is, or a socket")
            case .directory:
                throw Misspelling(
                    "is a directory. Name a socket in it: \(text.shown(atMost: String.longestNamed))/mpushd.sock")
            case .missing, .notReadable, .special: return text
            }
        }
    }
}

extension ValueFormat<GroupReference> {
    /// A group of users by its name, or by its number as a text or an integer. One that is not there is an error: who may
    /// do something must never depend on a slip.
    static var group: ValueFormat<GroupReference> {
        let named = ValueFormat.spelled("a string", example: "\"mpushd\"") { text, site throws(Misspelling) in
            let isName = text.utf8.allSatisfy {
                $0.isLetterOrDigit || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
            }
            guard isName, (1...32).contains(text.utf8.count), !text.hasPrefix("-") else {
                throw Misspelling("is not the name of a group, and not a number")
            }
            return try reference(text, site)
        }
        return ValueFormat(noun: named.noun, example: named.example) { node, site in
            guard case .integer(let number) = node.value else { return named.read(node, site) }
            guard let group = UInt32(exactly: number), group < .max else {
                site.report("\(number) is out of bounds: 0 to \(UInt32.max - 1).")
                return nil
            }
            do throws(Misspelling) {
                return try reference(String(group), site)
            } catch {
                site.report("\(number) \(error.message).")
                return nil
            }
        }
    }

    private static func reference(_ name: String, _ site: ReadingSite) throws(Misspelling) -> GroupReference {
        switch site.context.environment.group(named: name) {
        case .known(let number): return GroupReference(name: name, number: number)
        case .missing:
            throw Misspelling("does not exist: there is no group \(name) on this machine. Create it, or name another")
        case .hidden:
            throw Misspelling(
                "is hidden by the user namespace of this process. As a service: give it "
                    + "PrivateUsers=no, or Group=\(name) (systemctl edit mpushd)")
        case .unavailable(let reason):
            site.warn(
                "the group \(name) could not be looked up (\(reason)): until the next start nobody counts as "
                    + "a member of it.")
            return GroupReference(name: name, number: nil)
        }
    }
}

extension ValueFormat<UInt32> {
    /// The permissions of a file in octal, as chmod(1) takes them: read and write alone.
    static var fileMode: ValueFormat<UInt32> {
        ValueFormat.spelled("a string", example: "\"0640\"") { text, _ throws(Misspelling) in
            guard (3...4).contains(text.utf8.count), let mode = UInt32(text, radix: 8), text.utf8.allSatisfy(\.isDigit)
            else { throw Misspelling("is not a mode. Write three octal digits: \"0640\"") }
            guard mode & ~0o666 == 0 else {
                throw Misspelling("would make the files executable. Write read and write permissions only: \"0640\"")
            }
            guard mode & 0o600 == 0o600 else {
                throw Misspelling("does not let mpushd read and write the files. Write \"0600\" at least")
            }
            return mode
        }.written { "0\(String($0, radix: 8))".asTOML }
    }
}
