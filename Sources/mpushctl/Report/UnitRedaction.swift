import MPushModel

/// A unit with its drop-ins (systemd.unit(5)) without what is nobody's business: what it sets in the environment or as
/// credentials, and the arguments of programs other than mpushd.
enum UnitRedaction {
    private static let secretSettings: Set = ["Environment", "SetCredential", "SetCredentialEncrypted"]

    static func text(_ unit: String) -> String {
        var isWithheld = false
        return unit.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            // A comment in the middle of a value does not end it.
            if isWithheld {
                isWithheld = line.hasSuffix("\\") || line.first { $0 != " " }.map { "#;".contains($0) } ?? false
                return Redaction.mark
            }
            guard let equals = line.firstIndex(of: "=") else { return String(line) }
            let key = line[..<equals].filter { $0 != " " && $0 != "\t" }
            guard let kept = keptValue(of: key, line[line.index(after: equals)...]) else { return String(line) }
            isWithheld = line.hasSuffix("\\")
            return "\(key)=\(kept)\(Redaction.mark)"
        }.joined(separator: "\n")
    }

    /// What is shown of a value that is withheld; nil for one that is not.
    private static func keptValue(of key: String, _ value: Substring) -> String? {
        if secretSettings.contains(key) { return "" }
        guard key.hasPrefix("Exec") else { return nil }
        let program = value.drop { $0 == " " }.prefix { $0 != " " && $0 != "\\" }
        return program.isEmpty || program.hasSuffix("/mpushd") ? nil : "\(program) "
    }
}
