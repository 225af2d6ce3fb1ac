import MPushDaemon
import MPushModel
import MPushWorld

/// What not every world has: TLS, webhooks, and programs that use the local API. What is drawn here changes nothing of what
/// others draw.
final class Guests {
    /// Whether servers and webhooks are spoken to over TLS.
    let isSecured: Bool
    private let random: WorldRandom
    private var webhooks: WebhookServer?
    private var asker: Asker?
    private var follower: ScriptedFollower?
    private var allocator: AllocatorServer?
    /// Whether the daemon gets along without the allocator.
    private var hasHosts = true
    private(set) var troubles: [Trouble] = []

    init(_ random: WorldRandom) {
        self.random = random.fork("guests")
        isSecured = self.random.chance(0.2)
    }

    /// Comes into a world whose device is there.
    /// - Parameter kind: of kills there is always a route to a stream, which otherwise some worlds have; of power cuts there are
    ///   so many that a mail folder must not grow.
    func join(
        _ device: Device, on network: WorldNetwork, _ configuration: inout WorldConfiguration, wall: WallTime,
        kind: WorldKind
    ) {
        let ledger = device.ledger
        configuration.isSecured = isSecured
        device.source[WorldConfiguration.authority] = WorldCertificates.authority
        // OpenSSL writes ages by the real clock.
        network.scheduler.trace.notesContent = !isSecured
        let reader = MailReader(of: device.disk, ledger)
        let consumption = random.fork("consumption")
        device.onPowerCut = { reader.read(latest: 40) { kind == .cuts && consumption.chance(0.9) } }
        var all = Trouble.second + Trouble.mail(reader) + [Trouble.newFolder]
        if random.chance(0.4) {
            let server = WebhookServer(on: network, random: random, ledger: ledger, wall: wall, isSecured: isSecured)
            configuration.webhooks = random.chance(0.5) ? ["hook"] : ["hook", "pool"]
            server.inOrder = ["hook"]
            server.fussy = "hook"
            configuration.webhookLines = lines(of: configuration.webhooks, server)
            device.machine.host.names.set(WebhookServer.host, [WebhookServer.address])
            all += Trouble.webhooks(server)
            webhooks = server
        }
        if random.chance(0.4) {
            let desk = Desk(of: device, on: network, random: random, wall: wall)
            configuration.hasAPI = true
            device.local = network.makeHost("local", addresses: [LocalSockets.address], loop: device.machine.loop)
            asker = Asker(at: desk, ledger)
            let follower = ScriptedFollower(at: desk, ledger)
            self.follower = follower
            all.append(Trouble("a follower is removed", isDeed: true) { _ in follower.remove() })
        }
        if random.chance(0.25) {
            let servers = configuration.hosts.map { "\($0):\(PushServer.port)" }
            let allocator = AllocatorServer(on: network, random: random, servers: servers, wall: wall)
            allocator.start(known: device.machine.host.names)
            hasHosts = random.chance(0.5)
            configuration.allocator = AllocatorServer.url
            configuration.listsHosts = hasHosts
            all += Trouble.allocator(allocator)
            self.allocator = allocator
        }
        all.append(Trouble.damage { [self] in follower?.forget() })
        all += addStream(to: device, &configuration, always: kind == .kills)
        troubles = all.filter { _ in random.chance(0.5) }
    }

    /// How webhooks are asked: some in batches, some over a connection for each request, one in each user's order.
    private func lines(of webhooks: [String], _ server: WebhookServer) -> [String: [String]] {
        // Of the server's own, so that nobody else draws anything else for it.
        let random = server.random.fork("asking")
        var lines: [String: [String]] = [:]
        for name in webhooks {
            if random.chance(0.5) {
                lines[name, default: []] += ["batch = \(2 + random.below(60))", "batch_format = \"ndjson\""]
            }
            if random.chance(0.2) { lines[name, default: []].append("keep_alive = \"0s\"") }
            if name == "pool", random.chance(0.5) {
                lines[name, default: []].append("order_by = \"user\"")
                server.inUsersOrder = [name]
            }
        }
        return lines
    }

    /// What is drawn here changes nothing of the worlds that have none.
    private func addStream(
        to device: Device, _ configuration: inout WorldConfiguration, always: Bool
    ) -> [Trouble] {
        let random = random.fork("streams")
        guard random.chance(0.4) || always else { return [] }
        configuration.streams = ["feed"]
        configuration.window = random.element(of: [1, 4, 256])
        // Wider ones keep it but for what has to be tried again.
        if configuration.window == 1 { device.moods.inOrder.insert("feed") }
        return Trouble.stream("feed")
    }

    func start() {
        webhooks?.start()
        asker?.start()
        follower?.start()
    }

    /// Does nothing wrong for a while.
    func calmDown() {
        webhooks?.calmDown()
        follower?.calmDown()
        // Nobody needs an allocator beside servers that are listed.
        if let allocator, hasHosts { allocator.fault = random.element(of: [nil] + AllocatorFault.allCases) }
    }

    /// Goes on as before.
    func goOn() {
        follower?.goOn()
        allocator?.fault = nil
    }

    var areMachinesUp: Bool { webhooks?.isUp ?? true }

    /// Who gets messages beside the routes.
    var consumers: [String] { follower?.isKnown == true ? [ScriptedFollower.name] : [] }
}
