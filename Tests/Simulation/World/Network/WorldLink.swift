/// What lies between two addresses, each way by itself. Its faults are set and taken back while connections live on it.
package final class WorldLink: @unchecked Sendable {
    /// One way over a link.
    package struct Way: Sendable {
        package var latency: Duration
        /// What comes on top of it, by chance; nothing overtakes what was sent before it.
        package var jitter: Duration
        /// Nil for no limit.
        package var bytesPerSecond: Int?
        /// Everything is lost, and nobody hears of it.
        package var isSilent = false
        /// The share of packets that is lost.
        package var loss = 0.0
        /// Packets with more bytes than these are lost, and nobody hears of it: a tunnel on the way, and a firewall that
        /// keeps back the message which says so. Nil for no limit.
        package var largestPacket: Int?

        package init(
            latency: Duration = .milliseconds(20), jitter: Duration = .milliseconds(2), bytesPerSecond: Int? = nil
        ) {
            self.latency = latency
            self.jitter = jitter
            self.bytesPerSecond = bytesPerSecond
        }
    }

    /// A router that translates addresses, or a firewall that keeps the state of connections.
    package struct Translator: Sendable {
        /// How those inside learn that their connection was forgotten.
        package enum Answer: Sendable {
            case silence
            case reset
        }

        /// It forgets a connection that had no packet for so long.
        package var idleLimit: Duration
        package var answer: Answer

        package init(idleLimit: Duration, answer: Answer) {
            self.idleLimit = idleLimit
            self.answer = answer
        }
    }

    /// The addresses at its ends, in the order in which they were named first.
    package let ends: (first: String, second: String)
    /// From the first end to the second, and back.
    package var there: Way
    package var back: Way
    package var translator: Translator?
    /// Hears of a connection that somebody has, and that the translator turns out to have forgotten: since when.
    package var onForgotten: ((_ since: Duration) -> Void)?
    /// What a router on the way answers those who connect over it, as a number of errno(3), EHOSTUNREACH or ENETUNREACH.
    package var unreachable: CInt?
    /// Whether it stands for what never leaves a machine: nothing of it is cut, or noted. The daemon's answers there have numbers
    /// of the real process in them.
    package var isPrivate = false

    private let scheduler: WorldScheduler
    private let random: WorldRandom
    /// When each way is free again, and when the latest packet of it arrives.
    private var free: (there: Int64, back: Int64) = (0, 0)
    private var latest: (there: Int64, back: Int64) = (0, 0)
    /// When the translator last forgot everything.
    private(set) var flushedAt: Int64 = -1

    init(_ first: String, _ second: String, way: Way, scheduler: WorldScheduler, random: WorldRandom) {
        ends = (first, second)
        there = way
        back = way
        self.scheduler = scheduler
        self.random = random
    }

    // MARK: - Faults

    /// The way that begins at `address`.
    package subscript(from address: String) -> Way {
        get { address == ends.first ? there : back }
        set { if address == ends.first { there = newValue } else { back = newValue } }
    }

    /// Everything is lost both ways, or no more.
    package func setSilent(_ isSilent: Bool) {
        there.isSilent = isSilent
        back.isSilent = isSilent
    }

    /// The translator forgets all connections that there are: it was started anew.
    package func forgetConnections() {
        flushedAt = scheduler.now
    }

    // MARK: - Packets

    /// The longest time from one end to the other and back, without what waits before it.
    var roundTrip: Int64 {
        WorldTime.nanoseconds(there.latency + there.jitter + back.latency + back.jitter)
    }

    /// How long what was sent before takes until it has passed, which a sender knows from the answers to it.
    var backlog: Int64 { max(0, max(free.there, free.back) - scheduler.now) }

    /// When a packet that is sent now from `address` arrives; nil where it is lost.
    func arrival(of packet: Packet, from address: String) -> Int64? {
        let isThere = address == ends.first
        let way = isThere ? there : back
        guard !way.isSilent, packet.largestPiece <= way.largestPacket ?? .max, !random.chance(way.loss)
        else { return nil }
        var time = scheduler.now
        if let rate = way.bytesPerSecond {
            time =
                max(time, isThere ? free.there : free.back) + Int64(packet.size) * 1_000_000_000 / Int64(max(1, rate))
            if isThere { free.there = time } else { free.back = time }
        }
        time += WorldTime.nanoseconds(way.latency)
        let jitter = WorldTime.nanoseconds(way.jitter)
        if jitter > 0 { time += random.number(in: 0...jitter) }
        time = max(time, isThere ? latest.there : latest.back)
        if isThere { latest.there = time } else { latest.back = time }
        return time
    }
}
