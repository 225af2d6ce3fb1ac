import MPushControl
import MPushLocalAPI
import MPushModel
import MPushWorld

/// Who is bound changes at runtime, and holds whatever happens to connections.
extension Trouble {
    static var binding: [Trouble] {
        [
            Trouble("another user is bound for a while", weight: 2, isDeed: true) { world in
                let owner = world.random.element(of: world.users)
                let guest = "guest of \(owner)"
                world.bind(owner, user: guest)
                // Now it is bound, and now the messages come too early or too late for it.
                world.scheduler.schedule(in: world.random.duration(in: .zero ... .seconds(20))) {
                    world.sender.sendNow(1 + world.random.below(4), to: guest)
                }
                world.undo(in: .seconds(30) ... .seconds(3600)) { world.bind(owner, user: nil) }
            },
            Trouble("a user is unbound for a while", weight: 2, isDeed: true, leadsTo: ["reset", "connect"]) { world in
                let owner = world.random.element(of: world.users)
                world.unbind(owner)
                world.scheduler.schedule(in: .seconds(30)) { world.device.machine.host.resetConnections() }
                world.undo(in: .seconds(120) ... .seconds(3600)) {
                    world.checkUnbound(owner)
                    world.bind(owner, user: nil)
                }
            },
        ]
    }
}

/// An identity is named by its configured user: it may get another name meanwhile.
extension World {
    /// Has `user` bound, or the user of the configuration: as soon as there is a daemon.
    func bind(_ owner: String, user: String?) {
        guard let service = device.service else {
            scheduler.schedule(in: .seconds(10)) { [self] in bind(owner, user: user) }
            return
        }
        unbound[owner] = nil
        guard let name = name(of: owner) else { return }
        service.bind(ControlBindRequest(identity: name, user: user)) { _ in }
    }

    /// Has nobody bound, and remembers in which run of the daemon that was confirmed.
    func unbind(_ owner: String) {
        let run = device.starts
        unbound[owner] = nil
        guard let name = name(of: owner) else { return }
        device.service?.unbind(UnbindRequest(identity: name)) { [self] outcome in
            if case .success = outcome, device.starts == run, self.name(of: owner) == name { unbound[owner] = run }
        }
    }

    /// What was unbound stays so for as long as the process lives.
    func checkUnbound(_ owner: String) {
        guard let run = unbound[owner], run == device.starts, let status = device.service?.status else { return }
        for identity in status.identities where identity.name == name(of: owner) {
            if let user = identity.boundUser {
                ledger.report("an unbind holds", "\(identity.name) was unbound, and is bound as \(user) again")
            }
        }
    }
}
