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
