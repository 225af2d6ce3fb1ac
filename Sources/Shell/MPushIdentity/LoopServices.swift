package import MPushConnection
package import MPushInbox
import MPushModel
package import MPushPlatform
package import MPushTLS
package import NIOCore

/// What all identities of one event loop share.
package struct LoopServices {
    package let eventLoop: any EventLoop
    package let timer: LoopTimer
    package let lookup: NameLookup
    package let routes: any RoutingTable
    package let sleepNews: any SleepNews
    /// TLS sessions to resume; each is kept apart by host, port and trust.
    package let tlsSessions: TLSSessionCache
    package let inbox: Inbox
    /// What the allocator said last.
    package let allocations: AllocationKeeper
    /// What was learnt of networks.
    let keepalives: KeepaliveKeeper
    /// Whether the wall clock can be believed, and when it is set.
    package let wallClock: WallClockWatch
    let budget: IntakeBudget
    /// `mpushd/1.0`: for allocators and webhooks.
    package let userAgent: String

    package init(
        eventLoop: any EventLoop, timer: LoopTimer, machine: Machine, inbox: Inbox, userAgent: String
    ) {
        self.eventLoop = eventLoop
        self.timer = timer
        lookup = NameLookup(by: timer, network: machine.network)
        routes = machine.routes
        sleepNews = machine.sleepNews
        tlsSessions = TLSSessionCache(clock: machine.clock)
        self.inbox = inbox
        self.userAgent = userAgent
        wallClock = WallClockWatch(timer: timer) { [weak inbox] in inbox?.status.newestOnRecord }
        allocations = AllocationKeeper(inbox: inbox)
        keepalives = KeepaliveKeeper(inbox: inbox, clock: timer.clock)
        budget = IntakeBudget()
    }

    /// Asks the inbox for what an earlier process has kept: before its first question of tickets, whose answer comes after.
    package func load() {
        allocations.load()
        keepalives.load()
    }

    /// The inbox began anew, with an empty database.
    func inboxBegunAnew() {
        allocations.inboxBegunAnew()
        keepalives.inboxBegunAnew()
    }

    /// For connections to servers and allocators.
    package var forConnectors: Connector.Environment {
        Connector.Environment(eventLoop: eventLoop, timer: timer, lookup: lookup)
    }

    /// For connections to what routes name.
    package var forRoutes: Connector.Environment {
        Connector.Environment(eventLoop: eventLoop, timer: timer, lookup: lookup, purpose: .route)
    }
}

/// How much all identities together may have received and not confirmed yet: a disk that stalls must not fill the
/// memory of a daemon with a thousand connections. Belongs to its event loop.
final class IntakeBudget {
    private static let mostMessages = 32 * 1024
    private static let mostBytes = 32 << 20

    private var messages = 0
    private var bytes = 0
    private var waiting: [() -> Void] = []

    /// Whether reading has to stop.
    var isSpent: Bool { messages >= IntakeBudget.mostMessages || bytes >= IntakeBudget.mostBytes }

    func take(messages: Int, bytes: Int) {
        self.messages += messages
        self.bytes += bytes
    }

    func giveBack(messages: Int, bytes: Int) {
        self.messages -= messages
        self.bytes -= bytes
        guard !waiting.isEmpty, self.messages <= IntakeBudget.mostMessages / 2,
            self.bytes <= IntakeBudget.mostBytes / 2
        else { return }
        let waiting = self.waiting
        self.waiting = []
        for resume in waiting { resume() }
    }

    /// Calls `resume` once, when half of it is free again.
    func whenFree(_ resume: @escaping () -> Void) {
        waiting.append(resume)
    }
}
