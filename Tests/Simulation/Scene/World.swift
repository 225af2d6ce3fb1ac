import CRandomness
import MPushCipher
import MPushControl
import MPushDaemon
import MPushIdentity
import MPushLocalAPI
import MPushModel
import MPushSimulator
package import MPushWorld
import NIOCore

/// A simulated world around the real daemon: everything that happens in it comes from one seed.
package final class World {
    /// 2026-01-01
    private static let start = WallTime(millisecondsSince1970: 1_767_225_600_000)
    /// Everybody must be online within the longest wait (that after a kick) and a minute after the last trouble; and a dead
    /// link must have been found before that, by two heartbeats and a question.
    var recovery: Duration { .seconds(300 + 60 + 30) + heartbeat * 2 }

    package let seed: UInt64
    package let days: Int
    package let kind: WorldKind
    package let scheduler = WorldScheduler()
    let random: WorldRandom
    let network: WorldNetwork
    let ledger = Ledger()
    let device: Device
    let servers: [PushServer]
    let sender: Sender
    let guests: Guests
    var configuration: WorldConfiguration
    let checks: Checks
    private var undoing: [Int: () -> Void] = [:]
    private var lastUndo = 0
    /// How often each trouble came.
    package private(set) var counts: [String: Int] = [:]
    /// Identities that were unbound, with the number of the daemon's run that confirmed it.
    var unbound: [String: Int] = [:]
    /// Until when silence may be older than a link may be dead: the daemon slept, or did not read.
    var lenientUntil = Duration.zero
    private(set) var isPeaceful = false
    /// Whether no trouble begins for now.
    var isQuiet = false
    private var causes: Causes
    /// The trouble that happens just now.
    private var current: Trouble?
    /// Between two troubles.
    private let pause: ClosedRange<Duration>
    private let troubles: [Trouble]
    let heartbeat: Duration

    /// - Parameter days: how long there are troubles.
    package init(seed: UInt64, days: Int = 1, kind: WorldKind = .dense) {
        self.seed = seed
        self.days = days
        self.kind = kind
        random = WorldRandom(seed: seed)
        guard crandomness_seed(seed) == 1, let key = try? WorldKey.load() else {
            preconditionFailure("OpenSSL has another mind")
        }
        network = WorldNetwork(on: scheduler, random: random.fork("network"))
        device = Device(on: network, random: random, ledger: ledger, wall: World.start)
        let (network, random) = (network, random)
        heartbeat = Duration.seconds(random.chance(0.5) ? 180 : 30 + random.below(270))
        let heartbeat = heartbeat
        // Servers of a cluster have one store for all, or each has its own, or none that outlives a process.
        let (store, choice) = (SessionStore(), random.fork("sessions").below(3))
        let guests = Guests(random)
        self.guests = guests
        servers = (1...1 + random.below(3)).map { number in
            PushServer(
                "push\(number)", address: "198.51.100.\(number)", key: key, heartbeat: heartbeat,
                isSecured: guests.isSecured,
                sessions: choice == 0 ? nil : choice == 1 ? SessionStore() : store, on: network,
                random: random, wall: World.start)
        }
        let users = (1...1 + random.below(3)).map { "user\($0)" }
        configuration = WorldConfiguration(
            identities: users.map { WorldConfiguration.Identity(name: $0, user: $0) },
            hosts: servers.map(\.host), programs: ["one", "two"], folders: ["mail"])
        if random.fork("keepalive").chance(0.25) { configuration.pingEvery = "auto" }
        let inbox = random.fork("room")
        if inbox.chance(0.15) { configuration.room = 100 + inbox.below(300) }
        guests.join(device, on: network, &configuration, wall: World.start, kind: kind)
        sender = Sender(on: scheduler, random: random, ledger: ledger, servers: servers)
        sender.users = users
        sender.poison = 0.02
        sender.pause = kind.senderPause
        checks = Checks(ledger)
        causes = Causes(lag: .seconds(300 + 60 + 30) + heartbeat * 2)
        pause = kind.pause(random)
        troubles = kind.troubles(random) + guests.troubles
        device.moods.inOrder.formUnion(["one", "two"])
        device.moods.fussy = "two"
        sender.routes = { [unowned self] in routes.union(guests.consumers) }
        ledger.notes = { [scheduler] words in scheduler.trace.note(10, 0, words()) }
        ledger.onReceived = { [unowned self] in device.machine.loop.excuse(Checks.stepsOfADelivery) }
        ledger.inboxIsFull = { [unowned self] in
            (device.service?.status.inbox.messages ?? 0) >= configuration.room * 9 / 10
        }
        ledger.shortages = { [disk = device.disk] in disk.counts.shortages }
        device.source["/etc/mpushd/server.pem"] = PublicKeyFile.text(key.publicKey)
        writeConfiguration()
        for server in servers { server.setName(in: device.machine.host.names) }
    }

    var users: [String] { configuration.users }
    /// Of the identities.
    var names: [String] { configuration.identities.map(\.name) }
    var programs: [String] { configuration.programs }
    var anyServer: PushServer { random.element(of: servers) }
    var anyLink: WorldLink { network.link(device.machine.host.addresses[0], anyServer.address) }
    var rightTime: WallTime { World.start.advanced(by: scheduler.elapsed) }

    func writeConfiguration() { device.source[Device.configuration] = configuration.text }

    // MARK: - The course

    /// Lets the world go on until its end, and gives what was found wrong.
    package func run() -> WorldReport {
        scheduler.afterStep = { [unowned self] in stepped() }
        scheduler.trace.note(10, 0, "WORLD: an inbox of \(configuration.room) messages")
        scheduler.mostStepsInASecond = Checks.mostSteps
        for server in servers { server.start() }
        guests.start()
        InboxWatch(of: device).start()
        if kind == .calm { MemoryWatch(of: device).start() }
        // The very first start is under way for less than a second of its life.
        if kind == .cuts, random.chance(0.7) { device.disk.failPower(after: random.below(200)) }
        device.start()
        sender.start()
        scheduleTrouble()
        scheduleQuiet()
        let outcome = scheduler.run(for: .seconds(Int64(days) * 86_400))
        if outcome == .busy {
            ledger.report("no busy loop", "more than \(scheduler.mostStepsInASecond) steps in a second")
        }
        if ledger.violations.isEmpty { makePeace() }
        return report()
    }

    private func stepped() {
        if device.disk.isDown {
            device.cutPower(for: random.skewedDuration(in: .seconds(1) ... .seconds(600)), wall: nil)
        }
        guard !ledger.violations.isEmpty else { return }
        if let inbox = device.service?.status.inbox {
            note("the inbox has \(inbox.messages) messages, \(inbox.waiting) wait; \(inbox.duplicates) came twice")
        }
        scheduler.stop()
    }

    private func scheduleTrouble() {
        scheduler.schedule(in: random.skewedDuration(in: pause)) { [self] in
            guard !isPeaceful, !troubles.isEmpty else { return }
            if scheduler.elapsed > lenientUntil, !device.machine.loop.isAsleep, !device.disk.troubles.isHanging {
                checks.deadLinks(device, after: heartbeat * 2 + .seconds(120))
            }
            checkLosses()
            checks.certificates(device, clockWasWrong: device.wasIn1970 || counts["the wall clock jumps"] != nil)
            guard !isQuiet else { return scheduleTrouble() }
            let weights = troubles.reduce(0) { $0 + $1.weight }
            var choice = random.below(weights)
            for trouble in troubles {
                choice -= trouble.weight
                guard choice < 0 else { continue }
                // Nobody can do anything with a machine that sleeps, or is off.
                if trouble.isDeed, device.daemon == nil || device.machine.loop.isAsleep { break }
                counts[trouble.name, default: 0] += 1
                scheduler.trace.note(7, UInt64(trouble.name.utf8.count), "WORLD: \(trouble.name)")
                causes.happened(trouble, at: scheduler.elapsed)
                current = trouble
                trouble.happen(self)
                current = nil
                break
            }
            scheduleTrouble()
        }
    }

    /// Says more of a trouble in the trace.
    func note(_ text: @autoclosure () -> String) { scheduler.trace.note(9, 0, "WORLD:   \(text())") }

    /// Undoes what a trouble did after a while, or when peace is made.
    func undo(in time: ClosedRange<Duration>, _ work: @escaping () -> Void) {
        lastUndo += 1
        let number = lastUndo
        let trouble = current
        if let trouble { causes.began(trouble) }
        undoing[number] = { [self] in
            work()
            if let trouble { causes.ended(trouble, at: scheduler.elapsed) }
        }
        scheduler.schedule(in: random.skewedDuration(in: time)) { [self] in undoing.removeValue(forKey: number)?() }
    }

    /// Whoever has lost a connection has lost it to a trouble that was there.
    func checkLosses() {
        // What a trouble did to a machine that sleeps comes to light when it wakes.
        guard let service = device.service, !device.machine.loop.isAsleep else { return }
        let losses = MetricsReader(service.metricsText, only: MetricsReader.lossesName).losses
        for loss in causes.unexplained(losses, run: device.starts, at: scheduler.elapsed) {
            ledger.report("causes as injected", loss)
        }
    }

    /// Who looks after the machine does what the journal says of an inbox that dead letters fill: it takes nothing else.
    private func makeRoom() {
        guard let service = device.service, service.status.inbox.isFull else { return }
        for route in service.status.routes {
            service.discard(DeadLetterSelection(route: route.name, positions: nil)) { _ in }
        }
    }

    /// Nothing is wrong any more but for machines that are off or asleep, and these come back by themselves.
    func endTroubles() {
        for server in servers { server.simulator?.lift().whenFailure { _ in } }
        for number in undoing.keys.sorted() { undoing.removeValue(forKey: number)?() }
        device.moods.calmDown()
        guests.calmDown()
        ledger.onUnanswered = nil
        device.disk.cancelFailures()
        device.disk.failPower(after: .max)
        setClockRight()
    }

    /// One without a battery begins anew with the power, which may have come after the troubles were ended.
    func setClockRight() { device.machine.clock.setWall(rightTime) }

    /// As NTP does it, sooner or later. With a clock that stays wrong a world with TLS has nothing else but handshakes that
    /// fail, for days, and takes minutes for them.
    func setClockRight(in time: ClosedRange<Duration>) {
        scheduler.schedule(in: random.skewedDuration(in: time)) { [self] in setClockRight() }
    }

    var areMachinesUp: Bool {
        servers.allSatisfy { $0.simulator != nil && !$0.machine.loop.isAsleep } && device.hasPower
            && !device.machine.loop.isAsleep && guests.areMachinesUp
    }

    func reportAway() {
        let states =
            device.daemon?.status.map { "\($0.name) is \($0.state.rawValue)" } ?? [device.lastRefusal ?? "no daemon"]
        ledger.report("back in time", "\(states.joined(separator: ", ")) \(recovery) after all troubles")
    }

    /// All troubles end; everybody has to come back, and everything that was acknowledged has to arrive.
    private func makePeace() {
        isPeaceful = true
        scheduler.trace.note(8, 0, "WORLD: peace")
        sender.stop()
        endTroubles()
        scheduler.run(upTo: .seconds(13 * 3600)) { [self] in areMachinesUp }
        setClockRight()
        scheduler.run(until: scheduler.elapsed + recovery)
        guard ledger.violations.isEmpty else { return }
        guard isOnline else { return reportAway() }
        makeRoom()
        forBound { [self] bound in checks.agreement(device, bound: bound) }
        scheduler.run(for: .milliseconds(2))
        checkLosses()
        checks.sameEverywhere(device)
        checks.bounds(device, webhooks: configuration.webhooks.count, starts: kind.mostStarts)
        let connections = checks.connections(device)
        let quiet = Duration.seconds(600)
        scheduler.run(for: quiet)
        guard ledger.violations.isEmpty else { return }
        checks.liveConnectionsStay(device, connections, for: quiet)
        checks.nobodyIsDeaf(users, at: scheduler.elapsed, device.service?.status.inbox ?? InboxStatus())
        scheduler.run(upTo: .seconds(4 * 3600)) { [self] in isSettled || !ledger.violations.isEmpty }
        guard ledger.violations.isEmpty else { return }
        checks.everythingArrived(device)
    }

    var isOnline: Bool {
        guard let daemon = device.daemon, daemon.status.count == users.count else { return false }
        return daemon.status.allSatisfy { $0.state == .online }
    }

    var isSettled: Bool {
        guard let status = device.service?.status else { return false }
        return status.inbox.failure == nil && status.inbox.waiting == 0
            && status.routes.allSatisfy { $0.waiting == 0 && $0.running == 0 }
    }

    private func report() -> WorldReport {
        note(
            "most sockets \(device.machine.host.mostChannels), connects a minute \(device.machine.host.busiestMinute), threads \(device.machine.threads.most), lines an hour \(device.log.busiestHour), steps a second \(scheduler.busiestSecond.steps), of the daemon \(device.machine.loop.busiestSecond.steps)"
        )
        return WorldReport(
            seed: seed, days: days, hash: scheduler.trace.hash, steps: scheduler.steps, elapsed: scheduler.elapsed,
            pushed: ledger.pushes.count, acknowledged: ledger.acknowledged, starts: device.starts,
            powerCuts: device.powerCuts, crashes: ledger.crashes - device.powerCutsOfDaemon,
            killsOfDaemonInStreams: ledger.killsOfDaemonInStreams, killsOfStreams: ledger.killsOfStreams,
            violations: ledger.violations.map { "\($0.invariant): \($0.detail)" },
            trace: Array(scheduler.trace.lines))
    }

    // MARK: - What troubles need

    /// Lets a server do wrong, for a while where it lasts.
    func inject(_ fault: SimulatorFault, for time: ClosedRange<Duration>? = nil) {
        let server = anyServer
        server.simulator?.inject(fault, into: time == nil ? .present : .everyone).whenFailure { _ in }
        guard let time else { return }
        undo(in: time) { server.simulator?.lift(fault).whenFailure { _ in } }
    }

    /// The disk answers again; what was not read meanwhile is read.
    func releaseDisk() {
        lenientUntil = max(lenientUntil, scheduler.elapsed + .seconds(300))
        device.releaseDisk()
    }

    /// The name that the identity of a configured user has now; nil where it was removed.
    func name(of owner: String) -> String? { configuration.identities.first { $0.user == owner }?.name }

    func steer(_ order: String, _ owner: String) {
        guard let service = device.service, let name = name(of: owner) else { return }
        var request = SteeringRequest()
        request.identity = name
        switch order {
        case "pause": service.steer(IdentityRunner.pause, request) { _ in }
        default: service.steer(IdentityRunner.resume, request) { _ in }
        }
    }
}

/// How a world went.
package struct WorldReport {
    package let seed: UInt64
    package let days: Int
    package let hash: UInt64
    package let steps: UInt64
    /// Of the world's time.
    package let elapsed: Duration
    package let pushed: Int
    package let acknowledged: Int
    /// How often the daemon was started.
    package let starts: Int
    package let powerCuts: Int
    /// How often its process ended without one.
    package let crashes: Int
    /// How often it was killed, or lost its power, while the program of a stream had messages without an answer; and how often
    /// such a program was.
    package let killsOfDaemonInStreams: Int
    package let killsOfStreams: Int
    package let violations: [String]
    package let trace: [String]
}
