import MPushModel

extension ValueFormat<String> {
    /// A text of 1 to `longest` bytes in UTF-8, without control characters.
    ///
    /// - Parameter mayHoldComma: Whether a comma is allowed. The server joins some texts with commas, and could never
    ///   take them apart again (PROTOCOL.md sections 4.1 and 4.3).
    static func text(example: String, atMost longest: Int, mayHoldComma: Bool) -> ValueFormat {
        .spelled("a string", example: "\"\(example)\"") { text, _ throws(Misspelling) in
            if text.isEmpty { throw Misspelling("is empty. Write a text, or leave the key out") }
            try BindRules.check(text, atMost: longest)
            if !mayHoldComma, text.contains(",") {
                throw Misspelling("contains a comma, at which the server would split it")
            }
            return text
        }.written(by: \.asTOML)
    }

    /// A user to bind.
    static var user: ValueFormat {
        .spelled("a string", example: "\"alice\"") { text, _ throws(Misspelling) in
            try BindRules.check(user: text)
            return text
        }
    }

    /// A tag of a user.
    static var tag: ValueFormat {
        .spelled("a string", example: "\"news\"") { text, _ throws(Misspelling) in
            try BindRules.check(tag: text)
            return text
        }
    }

    /// A host name or an IP address.
    static var host: ValueFormat<String> {
        ValueFormat.spelled("a string", example: "\"push.example.com\"") { text, _ throws(Misspelling) in
            guard HostSyntax.kind(of: text) != nil else { throw Misspelling(HostSyntax.problem(with: text)) }
            return text.lowercased()
        }
    }

    /// The name of an identity or a route.
    static var identityName: ValueFormat<String> {
        ValueFormat.spelled("a string", example: "\"alice\"") { text, _ throws(Misspelling) in
            guard IdentityName.isSafe(text) else {
                throw Misspelling(
                    "cannot be the name of a file. Write 1 to \(IdentityName.longest) of A-Z a-z 0-9 . _ - "
                        + "and begin with a letter, a digit or _")
            }
            return text
        }
    }
}

extension ValueFormat<SecretBytes> {
    /// A secret written in the file. No error shows any of it.
    static func secret(atMost longest: Int) -> ValueFormat {
        ValueFormat(noun: "a string", example: "\"…\"", isSecret: true) { node, site in
            guard case .string(let text) = node.value else {
                site.report("this is \(node.typeName), not a string. Write it in quotes.")
                return nil
            }
            guard (1...longest).contains(text.utf8.count) else {
                site.report("has \(text.utf8.count) bytes. It must have 1 to \(longest).")
                return nil
            }
            return SecretBytes(text.utf8)
        }
    }
}
