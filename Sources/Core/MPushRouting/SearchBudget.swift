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
