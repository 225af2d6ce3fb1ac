import MPushCipher
import MPushConfiguration
package import MPushConnection
package import MPushInbox
package import MPushModel
import MPushPlatform
import MPushSystemd
import NIOCore

/// All identities of the daemon, in the order of the configuration. What one of them changes costs what that one costs,
/// however many there are. Belongs to its event loop.
package final class IdentityFleet {
    private struct Member {
        let runner: IdentityRunner
        /// Where it stands in `runners`; nil once it is not configured any more, until it has stopped.
        var index: Int?
    }

    /// In the order of the configuration.
    package private(set) var runners: [IdentityRunner] = []
    /// Who is online and who is not.
    package private(set) var summary = FleetSummary()
    private let services: LoopServices
    private let journal: FleetJournal
    private let consumer: any MessageConsumer
    private let onChange: () -> Void
    private let network: FleetNetwork
    private let back: BackReference
    /// The runners, and those of identities that are not configured any more until they have stopped; by a number that
    /// each has for its life.
    private var members: [Int: Member] = [:]
    private var names: [String: IdentityRunner] = [:]
    private var lastNumber = 0
    /// Whose status may have changed since the last look.
    private var changed: Set<Int> = []
    /// Those that have not stopped yet, while all are to stop.
    private var unfinished: Set<Int>?
    private var tickets: [String: StoredTicket]
    /// Of identities that have ended: a sum of counters must not fall.
    private var departed = FleetTotals()

    /// - Parameters:
    ///   - tickets: the sessions that the inbox has.
    ///   - onChange: hears of changes, once for all of one turn of the loop.
    package init(
        services: LoopServices, tickets: [StoredTicket], journal: FleetJournal, consumer: any MessageConsumer,
        onChange: @escaping () -> Void
    ) {
        self.services = services
        self.journal = journal
        self.consumer = consumer
        self.onChange = onChange
        let back = BackReference()
        self.back = back
        network = FleetNetwork(services.routes, services.sleepNews, timer: services.timer, log: journal.log) { look in
            back.fleet?.networkChanged(look) ?? false
        }
        self.tickets = Dictionary(tickets.map { ($0.identity, $0) }, uniquingKeysWith: { first, _ in first })
        services.wallClock.onStep { [weak self] in
            for runner in self?.runners ?? [] { runner.clockSet() }
        }
        back.fleet = self
    }

    /// What the network finds the fleet by.
    private final class BackReference {
        weak var fleet: IdentityFleet?
    }

    /// The runner of the identity `name`.
    package func runner(_ name: String) -> IdentityRunner? { names[name] }

    // MARK: - Life

    /// These identities are configured now: those of a name that was there before go on, and so does a single one that is
    /// renamed. Others are begun, and what is gone is ended.
    package func apply(_ settings: LoadedSettings) {
        network.start()
        let numbers = Dictionary(
            members.compactMap { number, member in member.index.map { ($0, number) } }, uniquingKeysWith: { $1 })
        let isOnly = runners.count == 1 && settings.identities.count == 1
        let before = Dictionary(
            runners.indices.map { (runners[$0].profile.name, $0) }, uniquingKeysWith: { first, _ in first })
        var kept: Set<Int> = []
        var begun: [IdentityRunner] = []
        let old = runners
        runners = settings.identities.enumerated().map { index, profile in
            guard let place = isOnly ? 0 : before[profile.name], let number = numbers[place] else {
                let runner = makeRunner(profile, settings, index)
                begun.append(runner)
                return runner
            }
            kept.insert(place)
            members[number]?.index = index
            old[place].reconfigure(profile, settings)
            return old[place]
        }
        names = Dictionary(runners.map { ($0.profile.name, $0) }, uniquingKeysWith: { first, _ in first })
        summary = FleetSummary(runners.map(\.status))
        for place in old.indices where !kept.contains(place) {
            if let number = numbers[place] { members[number]?.index = nil }
            old[place].forgetSession()
            old[place].stop()
        }
        let look = network.look()
        if let addresses = look?.ownAddresses { services.lookup.moved(to: addresses) }
        for runner in runners { if let look { runner.networkChanged(look, isChange: false) } }
        for runner in begun { runner.start() }
    }

    /// The machine's network was looked at. Whether somebody waits for a route.
    private func networkChanged(_ look: NetworkLook) -> Bool {
        if let addresses = look.ownAddresses { services.lookup.moved(to: addresses) }
        for member in members.values { member.runner.networkChanged(look) }
        return runners.contains { $0.status.state == .noNetwork }
    }

    /// A connection now, for each identity: skips one wait.
    package func reconnect() {
        for runner in runners { runner.reconnect() }
    }

    /// The inbox began anew, with an empty database.
    package func inboxBegunAnew() {
        for runner in runners { runner.tickets.inboxBegunAnew() }
        services.inboxBegunAnew()
    }

    /// Ends all connections, and tries no others. `onChange` hears when `hasStopped` has become true.
    package func stop() {
        unfinished = Set(members.keys)
        for runner in runners { runner.stop() }
    }

    /// Whether nothing is under way any more, after `stop`.
    package var hasStopped: Bool { unfinished?.isEmpty == true }

    /// Gives back the timers: the last call.
    package func finish() {
        network.stop()
        for member in members.values { member.runner.finish() }
        members = [:]
        journal.finish()
    }

    /// The first identity that is later with something than `grace`; nil where all are in time.
    package func overdue(at now: Instant, grace: Duration) -> String? {
        runners.first { $0.isOverdue(at: now, grace: grace) }?.profile.name
    }

    /// What happened to all that there are and were, since the start of the daemon.
    package var totals: FleetTotals {
        var totals = departed
        for member in members.values { totals.add(member.runner) }
        return totals
    }

    // MARK: - Changes

    private func makeRunner(_ profile: IdentityProfile, _ settings: LoadedSettings, _ index: Int) -> IdentityRunner {
        lastNumber += 1
        let number = lastNumber
        let runner = IdentityRunner(
            profile, settings, services: services, ticket: tickets.removeValue(forKey: profile.name),
            seed: SecureRandom.seed(), journal: journal, network: network, consumer: consumer,
            onChange: { [weak self] in self?.changed(number) })
        members[number] = Member(runner: runner, index: index)
        return runner
    }

    private func changed(_ number: Int) {
        let isFirst = changed.isEmpty
        changed.insert(number)
        guard isFirst else { return }
        services.eventLoop.assumeIsolated().execute { [weak self] in self?.look() }
    }

    /// Takes in what has changed in this turn of the loop.
    private func look() {
        let numbers = changed
        changed = []
        for number in numbers {
            guard let member = members[number] else { continue }
            if let index = member.index { summary.update(index, member.runner.status) }
            guard member.runner.hasStopped else { continue }
            unfinished?.remove(number)
            guard member.index == nil else { continue }
            departed.add(member.runner)
            member.runner.finish()
            members[number] = nil
        }
        onChange()
    }
}

/// Who of many is online, kept up to date one identity at a time.
package struct FleetSummary {
    private var statuses: [IdentityStatus]
    /// Those that are missed, and those that an operator wants away.
    private var missed: IndexSet
    private var away: IndexSet
    private var unsettled: Int
    /// How often something was taken in, for the test that says what a change costs.
    private(set) var steps = 0

    /// Of all identities, in their order.
    package init(_ statuses: [IdentityStatus] = []) {
        self.statuses = statuses
        missed = IndexSet(count: statuses.count)
        away = missed
        unsettled = statuses.count { !$0.isSettled }
        for index in statuses.indices { takeIn(index) }
    }

    /// How many there are.
    package var count: Int { statuses.count }

    /// How many have a user bound.
    package var online: Int { statuses.count - missed.count - away.count }

    /// Whether every one is connected, with a user or, where that is wished, without.
    package var isSettled: Bool { unsettled == 0 }

    /// The only one; nil where there are none or several.
    package var only: IdentityStatus? { statuses.count == 1 ? statuses[0] : nil }

    /// The first `count` that are not online, those first that are to be.
    package func firstOffline(_ count: Int) -> [IdentityStatus] {
        let first = missed.first(count)
        return (first + away.first(max(0, count - first.count))).map { statuses[$0] }
    }

    /// The identity at `index` is in this state now.
    mutating func update(_ index: Int, _ status: IdentityStatus) {
        steps += 1
        guard statuses.indices.contains(index) else { return }
        if statuses[index].isSettled != status.isSettled { unsettled += status.isSettled ? -1 : 1 }
        statuses[index] = status
        takeIn(index)
    }

    private mutating func takeIn(_ index: Int) {
        missed.remove(index)
        away.remove(index)
        let status = statuses[index]
        guard !status.isBound else { return }
        if status.outage == nil { away.insert(index) } else { missed.insert(index) }
    }
}

extension IdentityStatus {
    /// Whether the connection is as it is to be.
    fileprivate var isSettled: Bool { state == .online || state == .unbound }
}

/// Which of some indices are in a set, and the first of them, without a walk through all.
private struct IndexSet {
    private(set) var count = 0
    private var words: [UInt64]
    /// A bit for each word that is not zero.
    private var summary: [UInt64]

    /// Room for the indices below `count`; none is in it.
    init(count: Int) {
        words = Array(repeating: 0, count: (count + 63) / 64)
        summary = Array(repeating: 0, count: (words.count + 63) / 64)
    }

    mutating func insert(_ index: Int) {
        let bit = UInt64(1) << (index % 64)
        guard words[index / 64] & bit == 0 else { return }
        words[index / 64] |= bit
        summary[index / 4096] |= 1 << (index / 64 % 64)
        count += 1
    }

    mutating func remove(_ index: Int) {
        let bit = UInt64(1) << (index % 64)
        guard words[index / 64] & bit != 0 else { return }
        words[index / 64] &= ~bit
        if words[index / 64] == 0 { summary[index / 4096] &= ~(1 << (index / 64 % 64)) }
        count -= 1
    }

    /// The first `most` of those in it.
    func first(_ most: Int) -> [Int] {
        var found: [Int] = []
        for (index, bits) in summary.enumerated() {
            for word in IndexSet.bits(of: bits) {
                for bit in IndexSet.bits(of: words[index * 64 + word]) {
                    guard found.count < most else { return found }
                    found.append((index * 64 + word) * 64 + bit)
                }
            }
        }
        return found
    }

    private static func bits(of word: UInt64) -> some Sequence<Int> {
        sequence(state: word) { rest in
            guard rest != 0 else { return nil }
            defer { rest &= rest - 1 }
            return rest.trailingZeroBitCount
        }
    }
}
