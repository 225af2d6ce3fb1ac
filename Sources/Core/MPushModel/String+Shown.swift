/// How text from outside is shown, everywhere: in the journal, on terminals, in errors.
extension String {
    /// This text fit for a line on a terminal: what steers terminals, breaks lines, turns the direction of writing or
    /// cannot be seen is spelled out (`\n`, `\u{1b}`), and the result is at most `limit` bytes of UTF-8, a cut being
    /// marked with `…`.
    ///
    /// Names, reasons and paths come from outside; nobody shall forge a line of the log with them.
    package func shown(atMost limit: Int) -> String {
        if utf8.count <= limit, utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return self }
        var result = ""
        for scalar in unicodeScalars {
            let piece = String.shown(scalar)
            if result.utf8.count + piece.utf8.count > limit {
                return result.cut(toFit: limit)
            }
            result += piece
        }
        return result
    }

    /// `shown(atMost:)` in double quotes, as errors name a value. Errors are read by many: a URL is named without its user and
    /// password.
    package var quoted: String { "\"\(withoutCredentials.shown(atMost: String.longestNamed))\"" }

    /// `nats://…@host` for `nats://user:password@host`: a password may hold anything, also another @.
    package var withoutCredentials: String {
        guard let mark = firstRange(of: "://"), let end = self[mark.upperBound...].lastIndex(of: "@") else {
            return self
        }
        return String(self[..<mark.upperBound]) + String.cutMark + String(self[end...])
    }

    /// Whether any character would be spelled out by `shown(atMost:)`.
    package var isUnprintable: Bool { unicodeScalars.contains(where: \.isUnprintable) }

    /// The most of a foreign value that an error repeats, in bytes.
    package static let longestNamed = 96

    private static let cutMark = "…"

    private static func shown(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        case _ where scalar.isUnprintable: "\\u{\(String(scalar.value, radix: 16))}"
        default: String(scalar)
        }
    }

    /// The most that is kept of a text that somebody else wrote, in bytes: what a server says, and why.
    package static let longestKept = 512

    /// This text, at most `limit` bytes of UTF-8 of it, a cut being marked with `…`. What it holds stays as it is: see
    /// `shown(atMost:)` for people.
    package func bounded(atMost limit: Int = String.longestKept) -> String {
        utf8.count <= limit ? self : cut(toFit: limit)
    }

    private func cut(toFit limit: Int) -> String {
        guard limit >= String.cutMark.utf8.count else { return "" }
        var end = utf8.index(startIndex, offsetBy: min(utf8.count, limit - String.cutMark.utf8.count))
        while end > startIndex, end.samePosition(in: unicodeScalars) == nil { end = utf8.index(before: end) }
        return String(self[..<end]) + String.cutMark
    }

    /// This text, or its beginning and `…` where it is longer than `limit` bytes of UTF-8: as foreign text is kept.
    package func bounded(to limit: Int) -> String { utf8.count <= limit ? self : cut(toFit: limit) }
}

extension Unicode.Scalar {
    /// Control characters, line and paragraph separators, and what is not seen, such as the marks that turn the direction
    /// of writing; not what joins letters and emoji.
    fileprivate var isUnprintable: Bool {
        switch properties.generalCategory {
        case .format: !properties.isJoinControl
        case .control, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: true
        default: false
        }
    }
}

extension String {
    /// Filled up with spaces to `width` characters.
    package func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}

extension BinaryInteger {
    /// `1,204`
    package var grouped: String {
        var result = ""
        let digits = String(magnitude)
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { result.append(",") }
            result.append(digit)
        }
        return self < 0 ? "-" + result : result
    }
}

/// Puts colours around texts, or does not.
package struct Style: Sendable {
    package let isColoured: Bool

    package init(isColoured: Bool) {
        self.isColoured = isColoured
    }

    package func good(_ text: String) -> String { paint("32", text) }
    package func poor(_ text: String) -> String { paint("33", text) }
    package func bad(_ text: String) -> String { paint("31", text) }
    package func faint(_ text: String) -> String { paint("2", text) }
    package func strong(_ text: String) -> String { paint("1", text) }

    private func paint(_ code: String, _ text: String) -> String {
        isColoured ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
    }
}
