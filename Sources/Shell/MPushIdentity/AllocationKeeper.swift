import MPushCipher
package import MPushInbox
import MPushModel

/// Keeps the allocator's last good answer in the inbox's database, for a start at which the allocator does not answer. All
/// identities have one. Belongs to its event loop.
package final class AllocationKeeper {
    private let inbox: Inbox
    private var last: StoredAllocation?

    package init(inbox: Inbox) {
        self.inbox = inbox
    }

    /// Asks the inbox for what an earlier process has kept: before its first question of tickets, whose answer comes after.
    func load() {
        inbox.allocation { [weak self] stored in self?.last = stored }
    }

    /// The allocator at `url` has named `servers`. Where they are those of before, in whatever order, nothing is written.
    func keep(_ servers: [Endpoint], from url: HTTPURL) {
        guard let source = AllocationKeeper.source(url) else { return }
        let new = StoredAllocation(source: source, servers: servers)
        guard new.source != last?.source || Set(new.servers) != Set(last?.servers ?? []) else { return }
        last = new
        inbox.keep(new)
    }

    /// The last servers that the allocator at `url` named.
    func servers(from url: HTTPURL) -> [Endpoint] {
        guard let last, last.source == AllocationKeeper.source(url) else { return [] }
        return last.servers
    }

    /// The inbox began anew, and knows none.
    func inboxBegunAnew() {
        if let last { inbox.keep(last) }
    }

    private static func source(_ url: HTTPURL) -> String? {
        guard let hash = try? SHA256.hash(Array(url.description.utf8)) else { return nil }
        return hash.map { String($0, radix: 16) }.joined(separator: ".")
    }
}
