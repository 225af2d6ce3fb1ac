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
            Trouble("identities change", weight: 2, isDeed: true) { world in
                world.changeConfiguration { $0.changeIdentities(by: world.random) }
                world.ledger.identitiesRenamed(at: world.scheduler.elapsed)
                // What comes again because its confirmation was lost is another message under another name of the identity.
                world.ledger.crashes += 1
            },
            Trouble("routes change", weight: 2, isDeed: true) { world in
                let before = world.routes
                world.changeConfiguration { $0.changeRoutes(by: world.random) }
                for route in before.subtracting(world.routes).sorted() { world.ledger.removed(route) }
            },
            Trouble("tags are changed", isDeed: true) { world in
                let name = world.random.element(of: world.names)
                let tags = world.random.chance(0.5) ? [] : ["r\(world.random.below(5))"]
                world.device.service?.setTags(TagsRequest(identity: name, tags: tags)) { _ in }
            },
            Trouble("one connection is made anew", isDeed: true) { world in
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
            Trouble("another client signs in") { world in
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
            Trouble("a name is not there") { world in
                let names = world.device.machine.host.names
                let host = world.anyServer.host
                guard let entry = names.entries.removeValue(forKey: host) else { return }
                world.undo(in: .seconds(10) ... .seconds(4 * 3600)) { names.entries[host] = entry }
            },
            Trouble("names are slow") { world in
                let names = world.device.machine.host.names
                let host = world.anyServer.host
                guard let entry = names.entries[host] else { return }
                names.entries[host]?.v4Delay = world.random.duration(in: .seconds(1) ... .seconds(19))
                names.entries[host]?.v6 = world.random.chance(0.5) ? .silence : entry.v6
                world.undo(in: .seconds(10) ... .seconds(4 * 3600)) {
                    names.entries[host]?.v4Delay = entry.v4Delay
                    names.entries[host]?.v6 = entry.v6
                }
            },
            Trouble("a front accepts and closes") { world in
                let server = world.anyServer
                server.simulator?.inject(.close, into: .coming(at: .accepted)).whenFailure { _ in }
                world.undo(in: .seconds(10) ... .seconds(3600)) {
                    server.simulator?.lift(.close).whenFailure { _ in }
                }
            },
            Trouble("a server reads nothing") { world in
                world.inject(.stopReading, for: .seconds(10) ... .seconds(3600))
            },
            Trouble("answers come twice") { world in
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
