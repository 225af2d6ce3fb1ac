import MPushModel

/// Keeps what others can bring about at will from filling the journal: each of them is heard once a minute at most, and so
/// is the rest of them together when they are many.
struct SparingVoice {
    private static let pause = Duration.seconds(60)
    private static let mostHeard = 32

    private var lastHeard: [UInt32?: Instant] = [:]
    private var unheard: [UInt32?: Int] = [:]

    /// Whether something about `user` may be said now: then how often it was not said before, else nil.
    mutating func speaks(of user: UInt32?, at now: Instant) -> Int? {
        lastHeard = lastHeard.filter { now - $0.value < SparingVoice.pause }
        guard lastHeard[user] == nil, lastHeard.count < SparingVoice.mostHeard else {
            if unheard[user] != nil || unheard.count < SparingVoice.mostHeard { unheard[user, default: 0] += 1 }
            return nil
        }
        lastHeard[user] = now
        return unheard.removeValue(forKey: user) ?? 0
    }
}
