import MPushModel

/// Decides when to say that the inbox is full, and that it has room again: at once, but once a minute at most. At its bound it
/// may be the one and the other with each message that comes and goes.
struct RoomDigest {
    private static let pause = Duration.seconds(60)

    /// What was said last.
    private var isSaidFull = false
    private var lastSaid: Instant?
    /// When to look again; nil where there is nothing left to say.
    private(set) var due: Instant?

    /// Whether to say now how it is.
    mutating func shouldSay(isFull: Bool, at now: Instant) -> Bool {
        due = nil
        guard isFull != isSaidFull else { return false }
        if let lastSaid, now - lastSaid < RoomDigest.pause {
            due = lastSaid + RoomDigest.pause
            return false
        }
        (isSaidFull, lastSaid) = (isFull, now)
        return true
    }
}
