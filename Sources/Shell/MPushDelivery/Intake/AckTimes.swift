import MPushModel

/// How long after their arrival the last messages were acknowledged to their senders.
struct AckTimes {
    /// That many are known.
    static let capacity = 4096

    private var times: [MessagePosition: Duration] = [:]
    /// In the order in which they were acknowledged, from `oldest` on: a ring once it is full.
    private var order: [MessagePosition] = []
    private var oldest = 0

    subscript(position: MessagePosition) -> Duration? { times[position] }

    /// The message at `position` was acknowledged, that came at `received`, by the wall clock.
    mutating func note(_ position: MessagePosition, received: WallTime, at now: WallTime) {
        let time = Duration.milliseconds(max(0, now.millisecondsSince1970 &- received.millisecondsSince1970))
        guard times.updateValue(time, forKey: position) == nil else { return }
        guard order.count == AckTimes.capacity else { return order.append(position) }
        times[order[oldest]] = nil
        order[oldest] = position
        oldest = (oldest + 1) % AckTimes.capacity
    }

    /// What is at any position is not what it was.
    mutating func removeAll() { self = AckTimes() }
}
