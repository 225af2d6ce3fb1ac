import NIOCore

/// The machines of a world and what lies between them: TCP as applications see it, with its retransmissions and its
/// windows, and every trouble that it has. Nothing of it is iterated in an order that is not given.
package final class WorldNetwork: @unchecked Sendable {
    private struct Pair: Hashable {
        let lower: String
        let upper: String

        init(_ one: String, _ other: String) {
            lower = min(one, other)
            upper = max(one, other)
        }
    }

    package let scheduler: WorldScheduler
    let random: WorldRandom
    /// What links are like that nobody set.
    package var usualWay = WorldLink.Way()
    /// The share of reads that end where a peer's write did not.
    package var cuts = 0.3
    /// All links, in the order in which they were made.
    package private(set) var links: [WorldLink] = []
    /// All machines, in the order in which they were made.
    package private(set) var hosts: [WorldHost] = []
    private var linksByPair: [Pair: WorldLink] = [:]
    private var owners: [String: WorldHost] = [:]
    private var lastConversation: UInt64 = 0

    package init(on scheduler: WorldScheduler, random: WorldRandom) {
        self.scheduler = scheduler
        self.random = random
    }

    /// A machine with `addresses`, the preferred ones of each family first, whose programs run on `loop`.
    package func makeHost(_ name: String, addresses: [String], loop: WorldLoop) -> WorldHost {
        let host = WorldHost(name, addresses: addresses.map(WorldNetwork.canonical), loop: loop, network: self)
        hosts.append(host)
        for address in host.addresses { owners[address] = host }
        return host
    }

    /// What lies between two addresses.
    package func link(_ one: String, _ other: String) -> WorldLink {
        let (one, other) = (WorldNetwork.canonical(one), WorldNetwork.canonical(other))
        let pair = Pair(one, other)
        if let link = linksByPair[pair] { return link }
        let isLocal = one == other || WorldNetwork.isLoopback(one)
        let way = isLocal ? WorldLink.Way(latency: .microseconds(20), jitter: .microseconds(10)) : usualWay
        let link = WorldLink(one, other, way: way, scheduler: scheduler, random: random)
        links.append(link)
        linksByPair[pair] = link
        return link
    }

    /// Who has an address; nil for nobody.
    func owner(of address: String) -> WorldHost? { owners[address] }

    func setOwner(_ host: WorldHost?, of address: String) {
        owners[address] = host
    }

    func numberConversation() -> UInt64 {
        lastConversation += 1
        return lastConversation
    }

    static func isLoopback(_ address: String) -> Bool { address.hasPrefix("127.") || address == "::1" }

    /// An address as `SocketAddress` writes it.
    static func canonical(_ address: String) -> String {
        (try? SocketAddress(ipAddress: address, port: 0))?.ipAddress ?? address
    }
}
