extension String {
    /// This text fit for a line on a terminal: what steers terminals, breaks lines or turns the direction of writing is
    /// spelled out (`\n`, `\u{1b}`), and the result is at most `limit` bytes of UTF-8, a cut being marked with `…`.
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

    private static let cutMark = "…"

    private static func shown(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        case _ where scalar.steersTerminals: "\\u{\(String(scalar.value, radix: 16))}"
        default: String(scalar)
        }
    }

    private func cut(toFit limit: Int) -> String {
        guard limit >= String.cutMark.utf8.count else { return "" }
        var kept = self
        while kept.utf8.count + String.cutMark.utf8.count > limit { kept.unicodeScalars.removeLast() }
        return kept + String.cutMark
    }
}

extension Unicode.Scalar {
    fileprivate var steersTerminals: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: properties.isBidiControl
        }
    }
}
