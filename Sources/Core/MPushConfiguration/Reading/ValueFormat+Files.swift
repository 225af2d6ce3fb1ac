extension ValueFormat<FileReference> {
    /// The path of a file that must be there, be readable and not be empty.
    ///
    /// - Parameter isSecret: Whether to warn where every user of the machine can read it.
    static func file(example: String, isSecret: Bool = false) -> ValueFormat {
        .spelled("a string", example: "\"\(example)\"", isSecret: isSecret) { text, site throws(Misspelling) in
            let path = try PathSyntax.resolve(text, in: site.context.environment)
            let condition = site.context.environment.inspect(path)
            if let complaint = condition.complaint {
                site.report("\(path.clippedForDisplay): \(complaint)")
            } else if isSecret, let mode = condition.modeReadableByOthers {
                site.warn(
                    "\(path.clippedForDisplay): every user of this machine can read this secret (mode \(mode)). "
                        + "Set mode 0640 or less, or hand it over with LoadCredential=.")
            }
            return FileReference(path: path, location: site.location)
        }
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
