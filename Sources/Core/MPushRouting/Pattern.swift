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

extension Pattern: Hashable {
    /// Patterns that are written alike are equal.
    package static func == (left: Pattern, right: Pattern) -> Bool { left.source == right.source }

    package func hash(into hasher: inout Hasher) { hasher.combine(source) }
}

/// Why a text is no regular expression.
package struct PatternError: Error, Equatable, Sendable {
    /// Where PCRE2 stopped, in bytes from the begin of the pattern.
    package let offset: Int
    /// What is wrong there, in PCRE2's words.
    package let message: String

    init(offset: Int, _ message: String) {
        self.offset = offset
        self.message = message
    }
}

extension PatternError: CustomStringConvertible {
    package var description: String { "\(message) (at byte \(offset))" }
}

/// What one search may cost in all.
///
/// PCRE2's own limits hold for each place where a match may begin, and a simple repeat counts as one step however far it
/// runs: `\s+$` over a megabyte of spaces stays within them for many minutes. So the way that the search makes through the
/// content is added up, at the callouts that stand before each item of the pattern (pcre2callout(3)).
final class SearchBudget {
    /// Steps in all: one for each item that is tried, and one for each byte between an item and the next.
    private static let steps = 1 << 23

    private var left = SearchBudget.steps
    private var position = 0

    /// Whether the search may go on from `position`, an offset in the content.
    func reach(_ position: Int) -> Bool {
        left -= 1 + abs(position - self.position)
        self.position = position
        return left >= 0
    }
}
