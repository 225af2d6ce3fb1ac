import MPushControl
import MPushLocalAPI
import MPushModel
import MPushWorld

/// Who is bound changes at runtime, and holds whatever happens to connections.
extension Trouble {
    static var binding: [Trouble] {
        [
            Trouble("another user is bound for a while", weight: 2, isDeed: true) { world in
                let name = world.random.element(of: world.users)
                let guest = "guest of \(name)"
                world.bind(name, user: guest)
                // Now it is bound, and now the messages come too early or too late for it.
                world.scheduler.schedule(in: world.random.duration(in: .zero ... .seconds(20))) {
                    world.sender.sendNow(1 + world.random.below(4), to: guest)
                }
                world.undo(in: .seconds(30) ... .seconds(3600)) { world.bind(name, user: nil) }
            },
            Trouble("a user is unbound for a while", weight: 2, isDeed: true) { world in
                let name = world.random.element(of: world.users)
                world.unbind(name)
                world.scheduler.schedule(in: .seconds(30)) { world.device.machine.host.resetConnections() }
                world.undo(in: .seconds(120) ... .seconds(3600)) {
                    world.checkUnbound(name)
                    world.bind(name, user: nil)
                }
            },
        ]
    }
}

extension World {
    /// Has `user` bound, or the user of the configuration: as soon as there is a daemon.
    func bind(_ name: String, user: String?) {
        guard let service = device.service else {
            scheduler.schedule(in: .seconds(10)) { [self] in bind(name, user: user) }
            return
        }
        unbound[name] = nil
        service.bind(ControlBindRequest(identity: name, user: user)) { _ in }
    }

    /// Has nobody bound, and remembers in which run of the daemon that was confirmed.
    func unbind(_ name: String) {
        let run = device.starts
        unbound[name] = nil
        device.service?.unbind(UnbindRequest(identity: name)) { [self] outcome in
            if case .success = outcome, device.starts == run { unbound[name] = run }
        }
    }

    /// What was unbound stays so for as long as the process lives.
    func checkUnbound(_ name: String) {
        guard let run = unbound[name], run == device.starts, let status = device.service?.status else { return }
        for identity in status.identities where identity.name == name {
            if let user = identity.boundUser {
                ledger.report("an unbind holds", "\(name) was unbound, and is bound as \(user) again")
            }
        }
    }
}
