import CPCRE2

/// What one search may cost in all.
///
/// PCRE2's own limits hold for each place where a match may begin, and a simple repeat counts as one step however far it
/// runs: `\s+$` over a megabyte of spaces stays within them for many minutes. So the way that the search makes through the
/// content is added up, at the callouts that stand before each item of the pattern (pcre2callout(3)).
struct SearchBudget {
    /// Steps in all: one for each item that is tried, and one for each byte between an item and the next.
    private static let steps = 1 << 23

    private var left = SearchBudget.steps
    private var position = 0

    /// For `pcre2_set_callout_8`, with a pointer to a budget as its data.
    static let callout:
        @convention(c) (
            UnsafeMutablePointer<pcre2_callout_block_8>?, UnsafeMutableRawPointer?
        ) -> Int32 = { block, data in
            guard let block, let budget = data?.assumingMemoryBound(to: SearchBudget.self) else { return 0 }
            return budget.pointee.reach(block.pointee.current_position) ? 0 : PCRE2_ERROR_CALLOUT
        }

    /// Whether the search may go on from `position`.
    private mutating func reach(_ position: Int) -> Bool {
        left -= 1 + abs(position - self.position)
        self.position = position
        return left >= 0
    }
}
