/// A regular expression of PCRE2, found anywhere in bytes unless it is anchored. Searching is bounded in steps and memory,
/// so that no content can make it take long (pcre2api(3)).
package struct Pattern: Equatable, Sendable {
    /// As it is written.
    package let source: String
}
