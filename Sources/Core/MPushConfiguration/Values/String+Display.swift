extension String {
    /// At most the first 64 characters, and nothing that would disturb a terminal or a log line.
    var clippedForDisplay: String {
        let clipped = unicodeScalars.prefix(64).map { scalar in
            scalar.isUnprintable ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
        }
        return clipped.joined() + (unicodeScalars.count > 64 ? "…" : "")
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
