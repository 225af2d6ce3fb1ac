package import MPushModel

/// Which proxies were of no use while the direct way was: that way is tried first for a time, where the configuration allows
/// it ("proxy, else direct"). For each network: a proxy that cannot be reached at home is there in the office.
package struct ProxyMemory: Sendable {
    package static var span: Duration { .seconds(600) }
    package static var mostProxies: Int { 64 }

    private struct Place: Hashable {
        let network: Set<String>
        let proxy: ProxyURL
    }

    private var directUntil: [Place: Instant] = [:]
    /// Where the machine is: its own addresses.
    private var network: Set<String> = []

    package init() {}

    /// The machine has these addresses now.
    package mutating func moved(to network: Set<String>) { self.network = network }

    /// The proxy did not help, and without it there was a connection.
    package mutating func directHelped(insteadOf proxy: ProxyURL, at now: Instant) {
        if directUntil.count >= ProxyMemory.mostProxies { directUntil = directUntil.filter { $0.value > now } }
        guard directUntil.count < ProxyMemory.mostProxies else { return }
        directUntil[Place(network: network, proxy: proxy)] = now + ProxyMemory.span
    }

    /// The direct way is none any more, or the proxy is there again.
    package mutating func forget(_ proxy: ProxyURL) { directUntil[Place(network: network, proxy: proxy)] = nil }

    /// Whether to try the direct way first.
    package func isDirectFirst(_ proxy: ProxyURL, at now: Instant) -> Bool {
        directUntil[Place(network: network, proxy: proxy)].map { now < $0 } ?? false
    }
}

/// Notices a proxy that cuts idle tunnels: connections through it end in the same way, each after the same silence, which was
/// the longest that it ever had.
package struct IdleCutWatch: Sendable {
    /// What is known of the traffic of a connection that has ended.
    package struct Traffic: Equatable, Sendable {
        /// Since the last byte either way.
        package let idle: Duration
        /// The longest time without a byte before that.
        package let longestIdle: Duration

        package init(idle: Duration, longestIdle: Duration) {
            self.idle = idle
            self.longestIdle = longestIdle
        }
    }

    /// Silences shorter than this are no timeout of a proxy.
    package static var shortest: Duration { .seconds(3) }

    private var last: Duration?

    package init() {}

    /// A connection through a proxy was ended by the other side, or was reset. The time after which the proxy cuts, once two
    /// were alike.
    package mutating func ended(_ traffic: Traffic) -> Duration? {
        // Alike within a tenth, and within what two looks at a clock may differ by.
        let tolerance = max(.seconds(1), traffic.idle / 10)
        guard traffic.idle >= IdleCutWatch.shortest, traffic.longestIdle < traffic.idle + tolerance else {
            last = nil
            return nil
        }
        defer { last = traffic.idle }
        guard let last, last - tolerance <= traffic.idle, traffic.idle <= last + tolerance else { return nil }
        return min(last, traffic.idle)
    }
}
