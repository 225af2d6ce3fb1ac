package import MPushModel

/// What is known of the networks that the machine was in, and who of the connections of each tries how long it keeps what is
/// silent: one at a time, so that a trial costs no more than one connection. A pure value.
package struct KeepaliveMemory: Sendable {
    /// More networks than these are not remembered: the one that nobody was in for longest is forgotten.
    package static let mostNetworks = 32

    private struct Network {
        var estimate: KeepaliveEstimate
        /// What was told of it last.
        var told: KeepaliveReading
        /// Who tries.
        var scout: Int?
        /// In which order networks were used last.
        var use: Int
    }

    private var networks: [String: Network] = [:]
    private var uses = 0

    package init() {}

    /// What an earlier process has kept, the one that was used last in the end.
    package mutating func restore(_ estimates: [(network: String, estimate: KeepaliveEstimate)]) {
        for (name, estimate) in estimates where networks[name] == nil {
            store(estimate, of: name)
            networks[name]?.told = estimate.reading
        }
    }

    /// What is known of a network.
    package func estimate(of network: String) -> KeepaliveEstimate? { networks[network]?.estimate }

    /// The networks that something is known of, the one that was used last in the end.
    package var known: [String] {
        networks.filter { $0.value.estimate != KeepaliveEstimate() }.sorted { $0.value.use < $1.value.use }.map(\.key)
    }

    // MARK: - Facts

    /// `member` has a connection in `network` that may not be silent for longer than `limit`: how often to ask there.
    package mutating func interval(
        of member: Int, in network: String, limit: Duration, at now: Instant
    ) -> Duration {
        if networks[network] == nil { store(KeepaliveEstimate(), of: network) }
        guard var known = networks[network] else { return limit }
        let plan = known.estimate.plan(limit: limit, at: now)
        defer { networks[network] = known }
        guard let trial = plan.trial, known.scout == nil || known.scout == member else {
            if known.scout == member { known.scout = nil }
            return plan.interval
        }
        known.scout = member
        return trial
    }

    /// A connection lived after `silence`. Whether that is worth a word.
    package mutating func survived(_ silence: Duration, in network: String, at now: Instant) -> Bool {
        learn(in: network) { $0.survived(silence, at: now) }
    }

    /// A connection was dead after `silence`, which began at `began`, and a new one worked at once. Whether that is
    /// worth a word.
    package mutating func forgot(
        after silence: Duration, began: Instant, in network: String, at now: Instant
    ) -> Bool {
        learn(in: network) { $0.forgot(after: silence, began: began, at: now) }
    }

    /// The connection of `member` is over: another one may try.
    package mutating func left(_ member: Int, _ network: String) {
        if networks[network]?.scout == member { networks[network]?.scout = nil }
    }

    private mutating func learn(in network: String, _ fact: (inout KeepaliveEstimate) -> Void) -> Bool {
        var estimate = networks[network]?.estimate ?? KeepaliveEstimate()
        fact(&estimate)
        store(estimate, of: network)
        let reading = estimate.reading
        guard let told = networks[network]?.told, reading.isNews(since: told) else { return false }
        networks[network]?.told = reading
        return true
    }

    private mutating func store(_ estimate: KeepaliveEstimate, of network: String) {
        uses += 1
        let before = networks[network]
        networks[network] = Network(
            estimate: estimate, told: before?.told ?? KeepaliveEstimate().reading, scout: before?.scout, use: uses)
        guard networks.count > KeepaliveMemory.mostNetworks,
            let oldest = networks.min(by: { $0.value.use < $1.value.use })?.key
        else { return }
        networks[oldest] = nil
    }
}
