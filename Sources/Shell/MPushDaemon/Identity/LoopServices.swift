import MPushConnection
import MPushInbox
import MPushPlatform
import MPushTLS
import NIOCore

/// What all identities of one event loop share.
struct LoopServices {
    let eventLoop: any EventLoop
    let timer: LoopTimer
    let lookup: NameLookup
    /// TLS sessions to resume; each is kept apart by host, port and trust.
    let tlsSessions: TLSSessionCache
    let inbox: Inbox
    let budget: IntakeBudget
    /// `mpushd/1.0`: for allocators and webhooks.
    let userAgent: String
    var forConnectors: Connector.Surroundings {
        Connector.Surroundings(eventLoop: eventLoop, timer: timer, lookup: lookup)
    }
}
