import Glibc
import MPushDaemon
import MPushModel
import MPushPlatform
import MPushSimulator
import MPushWorld

/// Something that goes wrong in a world, or that somebody does. To add one: give it a name in a list like those below, how
/// often it comes, what it does, and which losses of connections it leads to.
struct Trouble {
    let name: String
    /// How often it comes in comparison with the others.
    let weight: Int
    /// Whether people do it, rather than it happening.
    let isDeed: Bool
    /// The causes of losses, by their names in metrics, that it can lead to while it is there and for a while after: with none
    /// it must cost nobody a connection.
    let leadsTo: Set<String>
    /// Where it ends by itself: how long it lasts at the most.
    let lasts: Duration
    /// Does it, and undoes it after a while: `undo` is scheduled, and done at once where peace is made before.
    let happen: (World) -> Void

    init(
        _ name: String, weight: Int = 1, isDeed: Bool = false, leadsTo: Set<String> = [], lasts: Duration = .zero,
        happen: @escaping (World) -> Void
    ) {
        self.name = name
        self.weight = weight
        self.isDeed = isDeed
        self.leadsTo = leadsTo
        self.lasts = lasts
        self.happen = happen
    }

    /// What silence on the way to a server leads to.
    static let silence: Set = ["tls", "connect", "missed-reads", "reset", "handshake", "bind", "closed-by-peer"]
    /// What a server that is gone leads to.
    static let crash: Set = ["tls", "connect", "reset", "handshake", "bind", "closed-by-peer"]
}

extension Trouble {
    static var all: [Trouble] {
        network + servers + disk + life + clocks + targets + people + binding + changes + surroundings
    }

    // MARK: - The network

    static var network: [Trouble] {
        [
            Trouble("a link is silent", weight: 4, leadsTo: silence) { world in
                let link = world.anyLink
                switch world.random.below(3) {
                case 0: link.there.isSilent = true
                case 1: link.back.isSilent = true
                default: link.setSilent(true)
                }
                world.undo(in: .seconds(5) ... .seconds(4 * 3600)) { link.setSilent(false) }
            },
            Trouble("a link loses packets", weight: 2, leadsTo: silence) { world in
                let link = world.anyLink
                let loss = Double(world.random.below(60)) / 100
                link.there.loss = loss
                link.back.loss = loss
                world.undo(in: .seconds(60) ... .seconds(6 * 3600)) {
                    link.there.loss = 0
                    link.back.loss = 0
                }
            },
            Trouble("a link is slow", leadsTo: silence) { world in
                let link = world.anyLink
                let way = WorldLink.Way(
                    latency: world.random.duration(in: .milliseconds(100) ... .seconds(3)),
                    jitter: world.random.duration(in: .zero ... .seconds(1)),
                    bytesPerSecond: 1000 + world.random.below(100_000))
                link.there = way
                link.back = way
                world.undo(in: .seconds(60) ... .seconds(6 * 3600)) {
                    link.there = WorldLink.Way()
                    link.back = WorldLink.Way()
                }
            },
            Trouble("large packets do not pass", leadsTo: silence) { world in
                let link = world.anyLink
                link.there.largestPacket = 600
                link.back.largestPacket = 600
                world.undo(in: .seconds(60) ... .seconds(3 * 3600)) {
                    link.there.largestPacket = nil
                    link.back.largestPacket = nil
                }
            },
            Trouble("connections are reset", weight: 2, leadsTo: ["reset", "connect"]) { world in
                world.device.machine.host.resetConnections()
            },
            Trouble("a peer forgets its connections", weight: 2, leadsTo: silence) { world in
                world.anyServer.machine.host.forgetConnections()
            },
            Trouble("there is no route", weight: 2, leadsTo: silence.union(["network-changed"])) { world in
                let host = world.device.machine.host
                host.hasRoute = false
                world.undo(in: .seconds(1) ... .seconds(8 * 3600)) { host.hasRoute = true }
            },
            Trouble("the address changes", weight: 2, leadsTo: silence.union(["network-changed"])) { world in
                let host = world.device.machine.host
                guard host.addresses.contains(Device.address) else { return }
                let other = "192.0.2.\(11 + world.random.below(200))"
                host.changeAddress(Device.address, to: other)
                world.undo(in: .seconds(1) ... .seconds(4 * 3600)) { host.changeAddress(other, to: Device.address) }
            },
            Trouble("a NAT forgets", weight: 2, leadsTo: silence) { world in
                let link = world.anyLink
                link.translator = WorldLink.Translator(
                    idleLimit: world.random.duration(in: .seconds(30) ... .seconds(1800)),
                    answer: world.random.chance(0.5) ? .silence : .reset)
                world.undo(in: .seconds(600) ... .seconds(12 * 3600)) { link.translator = nil }
            },
            Trouble("the names are silent", weight: 2, leadsTo: ["resolve"]) { world in
                let names = world.device.machine.host.names
                names.isSilent = true
                world.undo(in: .seconds(10) ... .seconds(4 * 3600)) { names.isSilent = false }
            },
            Trouble("there are no threads", leadsTo: ["shortage", "resolve"]) { world in
                let names = world.device.machine.host.names
                names.shortage = { EAGAIN }
                world.device.threadShortage = EAGAIN
                world.undo(in: .seconds(1) ... .seconds(1800)) {
                    names.shortage = nil
                    world.device.threadShortage = nil
                }
            },
            Trouble("there are no descriptors", leadsTo: ["shortage"]) { world in
                let host = world.device.machine.host
                host.shortage = { EMFILE }
                world.undo(in: .seconds(1) ... .seconds(1800)) { host.shortage = nil }
            },
        ]
    }

    // MARK: - The servers

    static var servers: [Trouble] {
        [
            Trouble("a server crashes", weight: 2, leadsTo: crash, lasts: .seconds(3600)) { world in
                world.anyServer.crash(for: world.random.skewedDuration(in: .milliseconds(100) ... .seconds(3600)))
            },
            Trouble("a server loses its power", leadsTo: silence, lasts: .seconds(3600)) { world in
                world.anyServer.cutPower(for: world.random.skewedDuration(in: .seconds(10) ... .seconds(3600)))
            },
            Trouble("a server hangs", leadsTo: silence, lasts: .seconds(1800)) { world in
                world.anyServer.machine.hang(for: world.random.skewedDuration(in: .seconds(1) ... .seconds(1800)))
            },
            Trouble("sessions expire") { world in world.inject(.expireSessions) },
            Trouble("a server refuses connections", leadsTo: ["connect"]) { world in
                world.inject(.refuseConnections, for: .seconds(1) ... .seconds(3600))
            },
            Trouble("answers are late", leadsTo: silence) { world in
                let lateness = world.random.skewedDuration(in: .milliseconds(10) ... .seconds(40))
                world.inject(.answerLate(lateness), for: .seconds(60) ... .seconds(3600))
            },
            Trouble("a server says nothing", leadsTo: silence) { world in
                world.inject(.sayNothing, for: .seconds(10) ... .seconds(3600))
            },
            Trouble("heartbeats are not answered", leadsTo: ["missed-reads"]) { world in
                world.inject(.muteHeartbeats, for: .seconds(10) ... .seconds(3600))
            },
            Trouble(
                "a server sends rubbish",
                leadsTo: ["protocol-error", "closed-by-peer", "reset", "missed-reads", "kicked", "handshake", "tls"]
            ) { world in
                let faults: [SimulatorFault] = [
                    .sendRubbish, .sendUnknownCommand, .sendOversizeLength, .sendBadCiphertext, .cutFrame(.close),
                    .cutFrame(.silence), .close, .reset, .kick,
                ]
                world.inject(world.random.element(of: faults))
            },
            Trouble("a device is denied", leadsTo: ["handshake"]) { world in
                world.inject(.denyDevice, for: .seconds(10) ... .seconds(1800))
            },
            Trouble("a user is refused", leadsTo: ["bind", "closed-by-peer"]) { world in
                let user = world.random.element(of: world.users)
                for server in world.servers { server.refusedUsers.insert(user) }
                world.undo(in: .seconds(10) ... .seconds(3 * 3600)) {
                    for server in world.servers { server.refusedUsers.remove(user) }
                }
            },
        ]
    }

    // MARK: - The disk

    static var disk: [Trouble] {
        [
            Trouble("the disk is full", weight: 2) { world in
                let disk = world.device.disk
                disk.troubles.capacity = 0
                world.undo(in: .seconds(1) ... .seconds(6 * 3600)) { disk.troubles.capacity = nil }
            },
            Trouble("the disk fails", weight: 2) { world in
                let disk = world.device.disk
                let share = Double(1 + world.random.below(50)) / 100
                switch world.random.below(4) {
                case 0: disk.troubles.readFailures = share
                case 1: disk.troubles.writeFailures = share
                case 2: disk.troubles.syncFailures = share
                default: disk.troubles.nameFailures = share
                }
                world.note("\(disk.troubles)")
                world.undo(in: .seconds(1) ... .seconds(1800)) { disk.calmDown() }
            },
            Trouble("the disk cannot be written") { world in
                let disk = world.device.disk
                disk.troubles.isReadOnly = true
                world.undo(in: .seconds(1) ... .seconds(3600)) { disk.troubles.isReadOnly = false }
            },
            Trouble("the disk hangs", leadsTo: silence) { world in
                world.device.disk.troubles.isHanging = true
                world.undo(in: .seconds(1) ... .seconds(1800)) { world.releaseDisk() }
            },
            Trouble("a crowd of messages comes while the disk hangs", leadsTo: silence) { world in
                world.device.disk.troubles.isHanging = true
                world.sender.sendNow(90, to: world.random.element(of: world.users), size: 60_000)
                world.undo(in: .seconds(1) ... .seconds(60)) { world.releaseDisk() }
            },
            Trouble("the power fails in the middle of a write", weight: 4) { world in
                world.device.disk.failPower(after: world.random.below(30))
            },
            failedSync(weight: 2), failedSyncOfNotes(weight: 1),
        ]
    }

    // MARK: - The life of the daemon

    static var life: [Trouble] {
        [
            Trouble("the daemon is killed", weight: 3) { world in world.device.kill() },
            Trouble("the daemon is told to end", weight: 1, leadsTo: ["local-stop"]) { world in world.device.terminate()
            },
            Trouble("the power is cut", weight: 3, lasts: .seconds(3600)) { world in
                let off = world.random.skewedDuration(in: .seconds(2) ... .seconds(3600))
                // Without a battery it is 1970, or what some machines remember of their last stop.
                let wall = world.random.chance(0.3) ? WorldClock.epoch : nil
                world.device.cutPower(for: off, wall: wall)
                if wall != nil { world.setClockRight(in: off + .seconds(1)...off + .seconds(24 * 3600)) }
            },
            Trouble("the machine sleeps", weight: 2, leadsTo: silence, lasts: .seconds(12 * 3600)) { world in
                guard world.device.hasPower else { return }
                let time = world.random.skewedDuration(in: .seconds(5) ... .seconds(12 * 3600))
                world.lenientUntil = max(world.lenientUntil, world.scheduler.elapsed + time + .seconds(300))
                world.device.machine.suspend(for: time)
            },
        ]
    }

    // MARK: - Clocks

    static var clocks: [Trouble] {
        [
            Trouble("the wall clock jumps", weight: 2) { world in
                let day: Int64 = 86_400
                world.device.machine.clock.moveWall(by: .seconds(world.random.number(in: -400 * day...400 * day)))
                world.setClockRight(in: .seconds(10) ... .seconds(24 * 3600))
            },
            Trouble("the wall clock is set right", weight: 2) { world in
                world.setClockRight()
            },
        ]
    }

    // MARK: - Targets

    static var targets: [Trouble] {
        [
            Trouble("programs are busy", weight: 2) { world in
                let route = world.random.element(of: world.programs)
                world.device.moods[route].isBusy = Double(1 + world.random.below(60)) / 100
                world.undo(in: .seconds(60) ... .seconds(1800)) { world.device.moods[route].isBusy = 0 }
            },
            Trouble("programs lose their word") { world in
                let route = world.random.element(of: world.programs)
                world.device.moods[route].losesWord = 0.2
                world.undo(in: .seconds(60) ... .seconds(1800)) { world.device.moods[route].losesWord = 0 }
            },
            Trouble("programs are slow") { world in
                let route = world.random.element(of: world.programs)
                world.device.moods[route].takes = .seconds(1) ... .seconds(20)
                world.undo(in: .seconds(60) ... .seconds(3600)) { world.device.moods[route] = ProgramMood() }
            },
            Trouble("programs cannot be started") { world in
                let route = world.random.element(of: world.programs)
                // A shortage, or a program that is away.
                world.device.moods[route].cannotStart = world.random.chance(0.5) ? EAGAIN : ENOENT
                world.undo(in: .seconds(10) ... .seconds(3600)) { world.device.moods[route].cannotStart = nil }
            },
        ]
    }

    // MARK: - People

    static var people: [Trouble] {
        [
            Trouble("a crowd of large messages comes") { world in
                world.sender.sendNow(60, to: world.random.element(of: world.users), size: 60_000)
            },
            Trouble("the configuration is read again", weight: 2, isDeed: true, leadsTo: ["reconfigured"]) { world in
                world.configuration.change(by: world.random)
                world.writeConfiguration()
                world.device.daemon?.received(.hangUp)
            },
            Trouble("a bad configuration is read", isDeed: true) { world in
                let good = world.device.source[Device.configuration]
                world.device.source[Device.configuration] = good.replacing("[state]", with: "[state")
                world.device.daemon?.received(.hangUp)
                world.device.source[Device.configuration] = good
            },
            Trouble("connections are made anew", isDeed: true, leadsTo: ["operator-request"]) { world in
                world.device.daemon?.received(.user1)
            },
            Trouble("an identity is paused", isDeed: true, leadsTo: ["paused"]) { world in
                let user = world.random.element(of: world.users)
                world.steer("pause", user)
                world.undo(in: .milliseconds(10) ... .seconds(3600)) { world.steer("resume", user) }
            },
        ]
    }
}

extension SimulatedDisk {
    /// Nothing is wrong with it, but for what hangs.
    func calmDown() {
        let isHanging = troubles.isHanging
        troubles = DiskTroubles()
        troubles.isHanging = isHanging
    }
}
