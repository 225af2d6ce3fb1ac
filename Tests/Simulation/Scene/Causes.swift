import MPushModel
import MPushWorld

/// Which causes of a loss each trouble can lead to, and when each was there: a loss with another cause is one that nobody
/// brought about, or one that the daemon takes for something else.
///
/// What is known of a trouble is when it began and ended. Whom it struck is not looked at: a loss that is explained by a
/// trouble of another link passes.
struct Causes {
    /// By the name of the trouble. What stands here as `[]` must cost nobody a connection.
    private static let byTrouble: [String: Set<String>] = [
        "a link is silent": silence, "a link loses packets": silence, "a link is slow": silence,
        "large packets do not pass": silence, "a NAT forgets": silence, "a peer forgets its connections": silence,
        "connections are reset": ["reset", "connect"], "there is no route": silence.union(["network-changed"]),
        "the address changes": silence.union(["network-changed"]),
        "the names are silent": ["resolve"], "a name is not there": ["resolve"], "names are slow": ["resolve"],
        "there are no threads": ["shortage", "resolve"], "there are no descriptors": ["shortage"],

        "a server crashes": crash, "a server loses its power": silence, "a server hangs": silence,
        "sessions expire": [], "a server refuses connections": ["connect"], "answers are late": silence,
        "a server says nothing": silence, "a server reads nothing": silence, "bytes come one by one": [],
        // The second one to HANDSHAKE comes in keys that are not in force any more.
        "answers come twice": ["protocol-error"],
        "heartbeats are not answered": ["missed-reads"], "a front accepts and closes": crash,
        "a server sends rubbish": [
            "protocol-error", "closed-by-peer", "reset", "missed-reads", "kicked", "handshake", "tls",
        ],
        "a device is denied": ["handshake"], "a user is refused": ["bind", "closed-by-peer"],
        "another client signs in": ["kicked"],

        "the disk is full": [], "the disk fails": [], "the disk cannot be written": [], "the disk hangs": silence,
        "a crowd of messages comes while the disk hangs": silence,

        "the machine sleeps": silence, "the daemon is killed": [], "the daemon is told to end": ["local-stop"],
        "the power is cut": [], "the power is cut for a moment": [], "the power fails in the middle of a write": [],
        "the power fails in the next start": [], "the power fails while messages are stored": [],
        "the wall clock jumps": [], "the wall clock is set right": [],

        "programs are busy": [], "programs lose their word": [], "programs are slow": [],
        "programs cannot be started": [],

        "the configuration is read again": ["reconfigured"], "a bad configuration is read": [],
        "identities change": ["reconfigured", "local-stop", "kicked"], "routes change": [],
        "connections are made anew": ["operator-request"], "one connection is made anew": ["operator-request"],
        "an identity is paused": ["paused"], "tags are changed": [],
        "dead letters are sent again": [], "dead letters are discarded": [],
        "another user is bound for a while": [], "a user is unbound for a while": ["reset", "connect"],

        "a second daemon is started": [], "the daemon is killed, and another one started at once": [],
        "the mail is read": [], "the disk of the mail is away": [],
        "the disk is full in the middle of many messages": [],
        "a stream's program dies": [], "a stream's program is busy": [], "a stream's program hangs": [],
        "a stream's program is slow": [], "a stream's program cannot be started": [],
        "a stream has another program": ["reconfigured"], "a crowd of messages comes for a stream": [],
        "a webhook fails": [], "a webhook is slow": [], "the server of webhooks hangs up": [],
        "the server of webhooks crashes": [], "the server of webhooks loses its power": [],
        "the server of webhooks hangs": [], "connections of webhooks are reset": [],
        "the way to the webhooks is bad": [], "the name of the webhooks is unknown": [],
    ]

    private static let silence: Set = [
        "tls", "connect", "missed-reads", "reset", "handshake", "bind", "closed-by-peer",
    ]
    private static let crash: Set = ["tls", "connect", "reset", "handshake", "bind", "closed-by-peer"]
    /// Of those that end by themselves: the longest that they last.
    private static let lasting: [String: Duration] = [
        "a server crashes": .seconds(3600), "a server loses its power": .seconds(3600),
        "a server hangs": .seconds(1800),
        "the machine sleeps": .seconds(12 * 3600), "the power is cut": .seconds(3600),
    ]

    /// How many of each there are now.
    private var present: [String: Int] = [:]
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

    mutating func happened(_ trouble: String, at now: Duration) {
        let end = now + lag + (Causes.lasting[trouble] ?? .zero)
        lastEffect[trouble] = max(lastEffect[trouble] ?? .zero, end)
    }

    mutating func began(_ trouble: String) { present[trouble, default: 0] += 1 }

    mutating func ended(_ trouble: String, at now: Duration) {
        present[trouble, default: 1] -= 1
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

    /// Whether it is said what the trouble can lead to.
    static func know(_ trouble: String) -> Bool { byTrouble[trouble] != nil }

    private func causes(of trouble: String) -> Set<String> { Causes.byTrouble[trouble] ?? [] }
}
