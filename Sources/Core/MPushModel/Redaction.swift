/// Takes out of a text what nobody else may read: for reports that are sent on. It takes too much rather than too little.
package enum Redaction {
    package static let mark = "[withheld]"

    /// Names whose values are secrets, as parts of a longer name too, in small letters.
    private static let secretNames = [
        "password", "passwd", "passphrase", "secret", "token", "credential", "authorization", "cookie", "api-key",
        "apikey",
        "api_key", "private", "location", "signature", "session_id", "sessionid", "content\":", "content=", "body",
    ]

    /// `text` without keys, passwords, tokens, and what URLs have behind the host.
    /// - Parameter withholdsQuotes: whether what stands in quotation marks goes as well: words of others, such as a
    ///   program's.
    package static func text(_ text: String, withholdsQuotes: Bool = false) -> String {
        var isKey = false
        var lines: [String] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.contains("-----BEGIN ") {
                isKey = true
                lines.append(mark)
            }
            if !isKey { lines.append(Redaction.line(String(line), withholdsQuotes)) }
            if line.contains("-----END ") { isKey = false }
        }
        return lines.joined(separator: "\n")
    }

    private static func line(_ line: String, _ withholdsQuotes: Bool) -> String {
        let quoted = withholdsQuotes ? withoutQuotes(line) : line
        var words: [String] = []
        var isAfterScheme = false
        for word in quoted.split(separator: " ", omittingEmptySubsequences: false) {
            words.append(isAfterScheme && !word.isEmpty ? mark : Redaction.word(String(word)))
            isAfterScheme = ["bearer", "basic", "digest"].contains(word.lowercased())
        }
        let shown = words.joined(separator: " ")
        return endOfSecretName(in: shown).map { "\(shown[..<$0]) \(mark)" } ?? shown
    }

    /// Behind the `:` or `=` of a name whose value is a secret.
    private static func endOfSecretName(in line: String) -> String.Index? {
        var nameStart = line.startIndex
        var index = line.startIndex
        while index < line.endIndex {
            let character = line[index]
            let next = line.index(after: index)
            if character == ":" || character == "=" {
                let name = line[nameStart..<next].lowercased()
                if secretNames.contains(where: { name.contains($0) }) { return next }
            }
            let isBeforeMark = character == " " && line[next...].first { $0 != " " }.map { ":=".contains($0) } ?? false
            if !(isBeforeMark || character.isLetter || character.isNumber || "_-.\"".contains(character)) {
                nameStart = next
            }
            index = next
        }
        return nil
    }

    private static func withoutQuotes(_ line: String) -> String {
        let parts = line.split(separator: "\"", omittingEmptySubsequences: false)
        guard parts.count > 1 else { return line }
        // What follows a mark that is never closed goes, too.
        return parts.enumerated().map { index, part in index.isMultiple(of: 2) ? String(part) : mark }
            .joined(separator: "\"")
    }

    private static func word(_ word: String) -> String {
        guard let scheme = word.ranges(of: "://").first else { return isToken(word) ? mark : word }
        let authority = word[scheme.upperBound...].prefix { !"/?#".contains($0) }
        let host = authority.lastIndex(of: "@").map { "\(mark)\(authority[$0...])" } ?? String(authority)
        let rest = word[authority.endIndex...]
        return "\(word[..<scheme.upperBound])\(host)\(rest.count > 1 ? "/\(mark)" : String(rest))"
    }

    /// Whether it has a run that looks random: long, of small and large letters and digits, or of hexadecimal digits.
    private static func isToken(_ word: String) -> Bool {
        word.split { !($0.isASCII && ($0.isLetter || $0.isNumber || "+/_-=".contains($0))) }.contains { run in
            guard run.count >= 24 else { return false }
            let isHexadecimal = run.allSatisfy(\.isHexDigit)
            return
                (run.contains(where: \.isNumber) && run.contains(where: \.isUppercase)
                && run.contains(where: \.isLowercase)) || (isHexadecimal && run.count >= 32)
        }
    }
}
