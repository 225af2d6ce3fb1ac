/// A regular expression of PCRE2 (pcre2pattern(3)), found anywhere in bytes unless it is anchored. Searching is bounded in
/// steps and memory, so that no content can make it take long.
///
/// Pattern and content are UTF-8. Content that is not UTF-8 is searched all the same: what is text in it can be found, and
/// the other bytes match nothing (`PCRE2_MATCH_INVALID_UTF`, pcre2unicode(3)).
package struct Pattern: Sendable {
    /// The longest pattern, in bytes.
    package static let longestSource = 4096
    /// Only so many bytes of the content are searched, from its begin.
    package static let longestSubject = 1 << 20

    /// As it is written.
    package let source: String

    private let code: PatternCode

    /// Compiles `source`, once.
    package init(_ source: String) throws(PatternError) {
        guard source.utf8.count <= Pattern.longestSource else {
            throw PatternError(offset: Pattern.longestSource, "is longer than \(Pattern.longestSource) bytes")
        }
        self.source = source
        code = try PatternCode(source)
    }

    /// Whether the pattern is found in `bytes`. A search that ran into a bound counts as not found.
    package func isFound(in bytes: [UInt8]) -> Bool {
        code.isFound(in: bytes)
    }

    /// Whether the pattern is found in the UTF-8 of `text`, within the same bounds.
    package func isFound(in text: String) -> Bool {
        // One byte more than is searched, so that a cut is seen as one.
        code.isFound(in: Array(text.utf8.prefix(Pattern.longestSubject + 1)))
    }
}

extension Pattern: Equatable {
    /// Patterns that are written alike are equal.
    package static func == (left: Pattern, right: Pattern) -> Bool { left.source == right.source }
}
