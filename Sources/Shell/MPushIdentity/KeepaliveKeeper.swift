package import MPushInbox
import MPushModel
package import MPushPlatform
import MPushSession

/// What the daemon has learnt of how long networks keep a connection on which nothing is said, kept in the inbox's database.
/// All identities have one. Belongs to its event loop.
package final class KeepaliveKeeper {
    private let inbox: Inbox
    private let clock: any ClockSource
    private var memory = KeepaliveMemory()
    private var members = 0

    package init(inbox: Inbox, clock: any ClockSource) {
        self.inbox = inbox
        self.clock = clock
    }

    /// Asks the inbox for what an earlier process has kept: before its first question of tickets, whose answer comes after.
    func load() {
        inbox.keepalives { [weak self] stored in
            guard let self else { return }
            let now = clock.now
            memory.restore(stored.map { ($0.network, $0.estimate(at: now)) })
        }
    }

    /// A number for one identity.
    func join() -> Int {
        members += 1
        return members
    }

    /// How often `member` is to ask in `network`, where it may not be silent for longer than `limit`.
    func interval(of member: Int, in network: String, limit: Duration) -> Duration {
        memory.interval(of: member, in: network, limit: limit, at: clock.now)
    }

    /// A connection lived after `silence`. Whether that is worth a word.
    func survived(_ silence: Duration, in network: String) -> Bool {
        keep(network, isNews: memory.survived(silence, in: network, at: clock.now))
    }

    /// A connection was dead after `silence`, and a new one worked at once. Whether that is worth a word.
    func forgot(after silence: Silence, in network: String) -> Bool {
        let now = clock.now
        return keep(
            network, isNews: memory.forgot(after: silence.length, began: silence.began, in: network, at: now))
    }

    /// The connection of `member` is over.
    func left(_ member: Int, _ network: String) { memory.left(member, network) }

    func reading(of network: String) -> KeepaliveReading {
        (memory.estimate(of: network) ?? KeepaliveEstimate()).reading
    }

    /// The inbox began anew, and knows none.
    func inboxBegunAnew() {
        for network in memory.known { keep(network) }
    }

    private func keep(_ network: String, isNews: Bool) -> Bool {
        if isNews { keep(network) }
        return isNews
    }

    private func keep(_ network: String) {
        if let estimate = memory.estimate(of: network) { inbox.keep(StoredKeepalive(network: network, estimate)) }
    }
}
