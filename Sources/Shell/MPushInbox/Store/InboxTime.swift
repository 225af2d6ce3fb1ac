import MPushModel

/// The inbox's own time, by which messages age: how much of it has provably passed, in milliseconds since the inbox began
/// to count. It never goes back, and the wall clock, which may be wrong, does not move it.
///
/// Within a boot it goes with the time since the boot. Between two boots nobody knows how long the machine was off until the
/// wall clock is known to be right, as it was at some time before: then that is added, once. Until then no time has passed:
/// nothing is dropped on a guess.
struct InboxTime: Equatable {
    /// A wall clock known to be right, and what this time was then.
    struct Agreement: Equatable {
        let wall: Int64
        let now: Int64
    }

    /// What a wall clock known to be right leads to.
    enum Correction: Equatable {
        case none
        /// So long was the machine off: what came after `since`, when the wall clock was last known to be right, came up to
        /// that much later, and counts as if it had. The wall clock may have been wrong earlier in this boot, too.
        case wasOff(Int64, since: Int64)
        /// The wall clock was wrong earlier in this boot: what it said of messages of this boot is to be mended.
        case wasWrong
    }

    /// The wall clock is adjusted by less than this all the time; by more it was wrong before.
    static let leastLeap = Duration.seconds(3600).wholeMilliseconds
    /// A clock that is being steered may run back by so much.
    private static let tolerance = Duration.seconds(60).wholeMilliseconds
    /// How far the newest message may lie ahead of the time that was kept last: that is done once a minute.
    private static let mostAhead = Duration.seconds(120).wholeMilliseconds
    /// A number in a file may be any; 140,000 years are enough for all of them.
    private static let bounds: ClosedRange<Int64> = 0...1 << 52

    /// The time.
    private(set) var now: Int64
    /// The boot in which it was last counted.
    private(set) var bootID: String?
    /// The time since the boot when it was `now`.
    private(set) var uptime: Int64
    /// When the boot was met first: what came before it belongs to earlier ones.
    private(set) var began: Int64
    /// The last message of an earlier boot.
    private(set) var beganAfter: Int64
    /// The last; nil for none so far.
    private(set) var agreement: Agreement?

    /// As it was kept; what cannot be is held to what can.
    init(now: Int64, bootID: String?, uptime: Int64, began: Int64, beganAfter: Int64, agreement: Agreement?) {
        self.now = InboxTime.bounded(now)
        self.bootID = bootID
        self.uptime = InboxTime.bounded(uptime)
        self.began = InboxTime.bounded(began)
        self.beganAfter = max(0, beganAfter)
        self.agreement = agreement.map { Agreement(wall: $0.wall, now: InboxTime.bounded($0.now)) }
    }

    /// Whether the machine was off, nobody knows how long, between `time` and now.
    func mayHaveBeenOff(since time: Int64) -> Bool { time < began && !isDated }

    /// Whether it is known how long the machine was off before this boot.
    private var isDated: Bool { agreement.map { $0.now >= began } ?? false }

    /// When `wait` will be over.
    func after(_ wait: Duration) -> Int64 {
        InboxTime.bounded(now + InboxTime.bounded(wait.wholeMilliseconds))
    }

    /// How long it is until `time`; none where that is over.
    func left(until time: Int64) -> Duration { .milliseconds(max(0, InboxTime.bounded(time) - now)) }

    /// A process has opened the inbox, whose newest message is at `last` and came at `newest`.
    mutating func opened(in bootID: String?, uptime: Int64, last: Int64, newest: Int64) {
        let uptime = InboxTime.bounded(uptime)
        let ofNewest = InboxTime.bounded(max(now, min(newest, now + InboxTime.mostAhead)))
        guard bootID == nil || bootID != self.bootID || uptime < self.uptime else {
            // The newest message came within what has passed since the time was kept: it is not added on top.
            passed(to: uptime)
            now = max(now, ofNewest)
            return
        }
        // Later than anything of an earlier boot.
        now = InboxTime.bounded(ofNewest + 1)
        self.bootID = bootID
        self.uptime = uptime
        began = now
        beganAfter = last
    }

    /// It goes on with the time since the boot.
    mutating func passed(to uptime: Int64) {
        let uptime = InboxTime.bounded(uptime)
        guard uptime > self.uptime else { return }
        now = InboxTime.bounded(now + (uptime - self.uptime))
        self.uptime = uptime
    }

    /// The wall clock shows `wall` and is said to be synchronised; `newest` is the latest wall time on record from an
    /// earlier boot. A clock behind that is not believed.
    mutating func synchronised(wall: Int64, newestOnRecord newest: Int64) -> Correction {
        let onRecord = max(newest, agreement?.wall ?? 0)
        guard InboxTime.bounds.contains(wall), onRecord <= wall + InboxTime.tolerance else { return .none }
        defer { agreement = Agreement(wall: wall, now: now) }
        guard let before = agreement else { return .wasWrong }
        let (passed, isOverflow) = wall.subtractingReportingOverflow(before.wall)
        let ahead = isOverflow ? 0 : passed - (now - before.now)
        if before.now >= began { return abs(ahead) > InboxTime.leastLeap ? .wasWrong : .none }
        guard ahead > 0 else { return .wasWrong }
        now = InboxTime.bounded(now + ahead)
        began = InboxTime.bounded(began + ahead)
        return .wasOff(ahead, since: before.now)
    }

    private static func bounded(_ value: Int64) -> Int64 { min(max(bounds.lowerBound, value), bounds.upperBound) }
}
