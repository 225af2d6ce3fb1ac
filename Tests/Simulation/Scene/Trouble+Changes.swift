import MPushConfiguration
import MPushControl
import MPushDaemon
import MPushIdentity
import MPushLocalAPI
import MPushModel
import MPushPlatform
import MPushSimulator
import MPushWorld
import NIOCore

/// What operators change while the daemon runs, and what other clients do.
extension Trouble {
    static var changes: [Trouble] {
        [
            Trouble("identities change", weight: 2, isDeed: true, leadsTo: ["reconfigured", "local-stop", "kicked"]) {
                world in
                let before = world.configuration.identities
                world.changeConfiguration { $0.changeIdentities(by: world.random) }
                // The only identity goes on under another name; of several, one with another name is another one.
                if before.count > 1 || world.configuration.identities.count > 1 {
                    for old in before where world.name(of: old.user) != old.name { world.unbound[old.user] = nil }
                }
                world.ledger.identitiesRenamed(at: world.scheduler.elapsed)
                // What comes again because its confirmation was lost is another message under another name of the identity.
                world.ledger.crashes += 1
            },
            Trouble("routes change", weight: 2, isDeed: true) { world in
                let before = world.routes
                world.changeConfiguration { $0.changeRoutes(by: world.random) }
                for route in before.subtracting(world.routes).sorted() { world.ledger.removed(route) }
            },
            Trouble("routes get other settings while their programs work", isDeed: true) { world in
                let programs = world.programs
                for route in programs { world.device.moods[route].takes = .seconds(5) ... .seconds(25) }
                world.sender.sendNow(2)
                world.scheduler.schedule(in: .seconds(4)) {
                    guard !world.isPeaceful, !world.isQuiet, !world.device.machine.loop.isAsleep else { return }
                    world.changeConfiguration { $0.longestWait = 20 + ($0.longestWait + 1) % 11 }
                }
                world.undo(in: .seconds(10) ... .seconds(60)) {
                    for route in programs { world.device.moods[route].takes = ProgramMood().takes }
                }
            },
            Trouble("tags are changed", isDeed: true) { world in
                let name = world.random.element(of: world.names)
                let tags = world.random.chance(0.5) ? [] : ["r\(world.random.below(5))"]
                world.device.service?.setTags(TagsRequest(identity: name, tags: tags)) { _ in }
            },
            Trouble("one connection is made anew", isDeed: true, leadsTo: ["operator-request"]) { world in
                var request = SteeringRequest()
                request.identity = world.random.element(of: world.names)
                world.device.service?.steer(IdentityRunner.reconnect, request) { _ in }
            },
            Trouble("dead letters are sent again", isDeed: true) { world in
                let route = world.random.element(of: world.programs)
                world.device.service?.sendAgain(DeadLetterSelection(route: route, positions: nil)) { _ in }
            },
            Trouble("dead letters are discarded", isDeed: true) { world in
                let route = world.random.element(of: world.programs)
                world.device.service?.discard(DeadLetterSelection(route: route, positions: nil)) { _ in }
            },
            Trouble("another client signs in", leadsTo: ["kicked"]) { world in
                let user = world.random.element(of: world.users)
                for server in world.servers {
                    server.simulator?.inject(.kick, into: .user(user)).whenFailure { _ in }
                }
            },
        ]
    }

    /// What is wrong with names, addresses, and what stands before a server.
    static var surroundings: [Trouble] {
        [
            Trouble("a name is not there", leadsTo: ["resolve"]) { world in
                let names = world.device.machine.host.names
                let server = world.anyServer
                names.entries[server.host] = nil
                world.undo(in: .seconds(10) ... .seconds(4 * 3600)) { server.setName(in: names) }
            },
            Trouble("names are slow", leadsTo: ["resolve"]) { world in
                let names = world.device.machine.host.names
                let server = world.anyServer
                names.entries[server.host]?.v4Delay = world.random.duration(in: .seconds(1) ... .seconds(19))
                if world.random.chance(0.5) { names.entries[server.host]?.v6 = .silence }
                world.undo(in: .seconds(10) ... .seconds(4 * 3600)) { server.setName(in: names) }
            },
            Trouble("a server has another address", leadsTo: silence.union(["resolve"])) { world in
                let (server, names) = (world.anyServer, world.device.machine.host.names)
                names.set(server.host, [server.otherAddress])
                let link = world.network.link(Device.address, server.address)
                link.setSilent(true)
                world.undo(in: .seconds(60) ... .seconds(12 * 3600)) {
                    server.setName(in: names)
                    link.setSilent(false)
                }
            },
            Trouble("a front accepts and closes", leadsTo: crash) { world in
                let server = world.anyServer
                server.simulator?.inject(.close, into: .coming(at: .accepted)).whenFailure { _ in }
                world.undo(in: .seconds(10) ... .seconds(3600)) {
                    server.simulator?.lift(.close).whenFailure { _ in }
                }
            },
            Trouble("a server reads nothing", leadsTo: silence) { world in
                world.inject(.stopReading, for: .seconds(10) ... .seconds(3600))
            },
            // The second one to HANDSHAKE comes in keys that are not in force any more.
            Trouble("answers come twice", leadsTo: ["protocol-error"]) { world in
                world.inject(.answerTwice, for: .seconds(60) ... .seconds(3600))
            },
            Trouble("bytes come one by one") { world in
                world.inject(.writeBytewise, for: .seconds(10) ... .seconds(3600))
            },
        ]
    }
}

extension World {
    var routes: Set<String> {
        Set(configuration.programs + configuration.folders + configuration.webhooks + configuration.streams)
    }

    /// Has another good configuration read.
    func changeConfiguration(_ change: (inout WorldConfiguration) -> Void) {
        change(&configuration)
        writeConfiguration()
        sender.users = configuration.users
        device.daemon?.received(.hangUp)
    }
}

extension WorldConfiguration {
    static let mostIdentities = 4
    static let mostRoutes = 5

    /// An identity comes, goes, or has another name.
    mutating func changeIdentities(by random: WorldRandom) {
        changes += 1
        switch random.below(3) {
        case 0 where identities.count < WorldConfiguration.mostIdentities:
            identities.append(Identity(name: "added\(changes)", user: "user-added\(changes)"))
        case 1 where identities.count > 1: identities.remove(at: random.below(identities.count))
        default: identities[random.below(identities.count)].name = "renamed\(changes)"
        }
    }

    /// A route comes, goes, or has another name: for the daemon that is another route. There is always one to a program.
    mutating func changeRoutes(by random: WorldRandom) {
        changes += 1
        let isProgram = random.chance(0.5)
        var names = isProgram ? programs : folders
        switch random.below(3) {
        case 0 where programs.count + folders.count < WorldConfiguration.mostRoutes: names.append("added\(changes)")
        case 1 where names.count > 1: names.remove(at: random.below(names.count))
        default:
            guard !names.isEmpty else { return }
            names[random.below(names.count)] = "renamed\(changes)"
        }
        if isProgram { programs = names } else { folders = names }
    }
}
