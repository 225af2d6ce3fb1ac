import CPCRE2

/// A compiled regular expression: owns PCRE2's code block.
///
/// It can be shared: "the compiled pattern ... is read-only during matching, so it may be used by several threads at once"
/// (pcre2api(3), MULTITHREADING). Nothing writes to it after the initialiser, since it is never compiled just in time: the
/// service may not make memory executable (MemoryDenyWriteExecute=).
final class PatternCode: @unchecked Sendable {
    /// Calls of PCRE2's `match()` for one place where a match may begin.
    private static let matchLimit: UInt32 = 100_000
    /// Backtracking points within each other.
    private static let depthLimit: UInt32 = 10_000
    /// Memory for them, in KiB.
    private static let heapLimit: UInt32 = 4096

    private let code: OpaquePointer

    init(_ source: String) throws(PatternError) {
        // Automatic callouts are what `SearchBudget` counts.
        let options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_AUTO_CALLOUT
        var number: Int32 = 0
        var offset = 0
        let bytes = Array(source.utf8)
        guard let code = pcre2_compile_8(bytes, bytes.count, options, &number, &offset, nil) else {
            throw PatternError(offset: offset, PatternCode.text(for: number))
        }
        self.code = code
    }

    deinit {
        pcre2_code_free_8(code)
    }

    /// Whether a match is found within all bounds; false also where there is no memory for the search.
    func isFound(in subject: [UInt8]) -> Bool {
        guard let data = pcre2_match_data_create_8(1, nil) else { return false }
        defer { pcre2_match_data_free_8(data) }
        guard let context = pcre2_match_context_create_8(nil) else { return false }
        defer { pcre2_match_context_free_8(context) }
        pcre2_set_match_limit_8(context, PatternCode.matchLimit)
        pcre2_set_depth_limit_8(context, PatternCode.depthLimit)
        pcre2_set_heap_limit_8(context, PatternCode.heapLimit)
        let length = min(subject.count, Pattern.longestSubject)
        // Where the content is cut is no end of it.
        let options = length < subject.count ? PCRE2_NOTEOL : 0
        let budget = SearchBudget()
        pcre2_set_callout_8(context, PatternCode.callout, Unmanaged.passUnretained(budget).toOpaque())
        // The context, which has the budget's address, is used by this call alone.
        let result = withExtendedLifetime(budget) { pcre2_match_8(code, subject, length, 0, options, data, context) }
        // Zero is a match with more groups than the match data has room for.
        return result >= 0
    }

    /// Called before each item of the pattern (pcre2callout(3)), with the budget of the search as its data.
    private static let callout:
        @convention(c) (
            UnsafeMutablePointer<pcre2_callout_block_8>?, UnsafeMutableRawPointer?
        ) -> Int32 = { block, data in
            guard let block, let data else { return 0 }
            let budget = Unmanaged<SearchBudget>.fromOpaque(data).takeUnretainedValue()
            return budget.reach(block.pointee.current_position) ? 0 : PCRE2_ERROR_CALLOUT
        }

    private static func text(for number: Int32) -> String {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 256) { buffer in
            let length = pcre2_get_error_message_8(number, buffer.baseAddress, buffer.count)
            return length > 0 ? String(decoding: buffer.prefix(Int(length)), as: UTF8.self) : "cannot be compiled"
        }
    }
}
