/// How an attempt to hand a message over ended.
package enum AttemptResult: Equatable, Sendable {
    /// The target has it.
    case confirmed
    /// It may be tried again: what was wrong, in words; and when, where the target said so.
    case failed(String, retryAfter: Duration?)
    /// Trying again is in vain: what is wrong, in words.
    case rejected(String)
    /// Nothing was tried, because the daemon ends; no attempt is counted.
    case abandoned
}
