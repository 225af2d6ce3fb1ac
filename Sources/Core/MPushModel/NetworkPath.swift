/// How packets to an address leave this machine at a moment.
package struct NetworkPath: Hashable, Sendable {
    /// The address that they come from, as inet_ntop(3) writes it.
    package let source: String
    /// The number of the link that they leave by.
    package let link: UInt32
    /// Whether the link carries anything: a cable is plugged in, a radio is associated (IFF_RUNNING of netdevice(7)).
    package let isLinkUp: Bool

    package init(source: String, link: UInt32, isLinkUp: Bool) {
        self.source = source
        self.link = link
        self.isLinkUp = isLinkUp
    }
}

/// What the machine says to the question how an address is reached. Nothing is sent for it.
package enum RouteAnswer: Hashable, Sendable {
    case path(NetworkPath)
    /// There is no route.
    case none
    /// The machine does not say: then all goes on as if nobody had asked.
    case unknown

    /// Whether it makes sense to try.
    package var mayLead: Bool {
        switch self {
        case .path(let path): path.isLinkUp
        case .unknown: true
        case .none: false
        }
    }
}
