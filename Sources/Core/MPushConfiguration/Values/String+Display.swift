extension String {
    /// At most the first 64 characters, and nothing that would disturb a terminal or a log line.
    var clippedForDisplay: String {
        String(String.UnicodeScalarView(unicodeScalars.prefix(64))).escapedForDisplay
            + (unicodeScalars.count > 64 ? "…" : "")
    }

    /// The text, with escapes in place of all that would disturb a terminal or a log line.
    var escapedForDisplay: String {
        unicodeScalars.map { $0.isUnprintable ? "\\u{\(String($0.value, radix: 16))}" : String($0) }.joined()
    }

    /// `clippedForDisplay` in double quotes.
    var quotedForDisplay: String { "\"\(clippedForDisplay)\"" }

    /// Whether any character would disturb a terminal or a log line.
    var isUnprintable: Bool { unicodeScalars.contains(where: \.isUnprintable) }
}

extension Unicode.Scalar {
    /// Control characters, line and paragraph separators, and the marks that turn the direction of writing.
    fileprivate var isUnprintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: true
        default: false
        }
    }
}
