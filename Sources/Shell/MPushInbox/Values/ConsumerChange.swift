package import MPushModel

/// What a consumer has done, to be recorded. Survives the death of the process at once; a power cut may undo the last
/// ones, and the messages are handed over again then.
package enum ConsumerChange: Equatable, Sendable {
    /// Everything up to here is settled; what was recorded of it one by one is forgotten, dead letters apart.
    case advanced(to: MessagePosition)
    /// This one is settled, though something before it is not; or it was a returned dead letter.
    case settled(MessagePosition)
    /// A consumer confirmed it: it is remembered for messages that await that, so that a duplicate is acknowledged.
    case consumed(MessagePosition)
    /// Tried in vain, to be tried again after `wait`.
    case attempted(MessagePosition, attempts: Int, wait: Duration)
    /// Given up.
    case buried(MessagePosition, attempts: Int, reason: String, at: WallTime)
}
