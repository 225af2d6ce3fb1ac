import MPushModel
import MPushWorld

/// When each trouble was there: a loss with a cause that none of them leads to (`Trouble.leadsTo`) is one that nobody brought
/// about, or one that the daemon takes for something else.
///
/// Whom a trouble struck is not looked at: a loss that is explained by a trouble of another link passes.
struct Causes {
    /// How many of each there are now.
    private var present: [String: Int] = [:]
    /// The causes that each of those that came can lead to.
    private var leadsTo: [String: Set<String>] = [:]
    /// When each may have had its last effect.
    private var lastEffect: [String: Duration] = [:]
    /// How long it takes until all are online after a trouble.
    private let lag: Duration
    private var losses: [String: [String: Int]] = [:]
    private var run = 0
    private var lookedAt = Duration.zero

    /// - Parameter lag: how long a trouble has effects after its end.
    init(lag: Duration) {
        self.lag = lag
    }

    mutating func happened(_ trouble: Trouble, at now: Duration) {
        leadsTo[trouble.name] = trouble.leadsTo
        let end = now + lag + trouble.lasts
        lastEffect[trouble.name] = max(lastEffect[trouble.name] ?? .zero, end)
    }

    mutating func began(_ trouble: Trouble) { present[trouble.name, default: 0] += 1 }

    mutating func ended(_ trouble: Trouble, at now: Duration) {
        present[trouble.name, default: 1] -= 1
        happened(trouble, at: now)
    }

    /// The losses that came since this was asked last, and that no trouble explains.
    /// - Parameter losses: how many there were by identity and cause in the daemon's run of that number.
    mutating func unexplained(_ losses: [String: [String: Int]], run: Int, at now: Duration) -> [String] {
        let before = run == self.run ? self.losses : [:]
        let isFirstLook = run != self.run
        let since = lookedAt
        (self.losses, self.run, lookedAt) = (losses, run, now)
        // A server that is preferred may be there again long after the trouble; and `Checks` looks at clocks.
        var explained: Set = ["preferred-endpoint", "clock"]
        for (name, count) in present where count > 0 { explained.formUnion(causes(of: name)) }
        for (name, end) in lastEffect where end >= since { explained.formUnion(causes(of: name)) }
        return losses.keys.sorted().flatMap { identity in
            // One that has another name now keeps what it has counted.
            guard isFirstLook || before[identity] != nil else { return [String]() }
            return (losses[identity] ?? [:]).keys.sorted().filter { cause in
                losses[identity]?[cause] ?? 0 > before[identity]?[cause] ?? 0 && !explained.contains(cause)
            }.map { "\(identity) has lost a connection: \($0), and nothing led to that" }
        }
    }

    private func causes(of trouble: String) -> Set<String> { leadsTo[trouble] ?? [] }
}
