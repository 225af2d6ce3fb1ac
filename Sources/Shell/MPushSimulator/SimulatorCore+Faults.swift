import NIOCore

extension SimulatorCore {
    /// Does `fault` to the connections that `target` names, or plans it for them.
    func inject(_ fault: SimulatorFault, into target: FaultTarget) {
        switch fault {
        case .expireSessions, .refuseConnections:
            record(.fault(fault))
            perform(fault)
        default:
            injectIntoConnections(fault, target)
        }
    }

    private func injectIntoConnections(_ fault: SimulatorFault, _ target: FaultTarget) {
        switch target {
        case .present: connectionsInOrder.forEach { $0.meet(fault) }
        case .user(let user): connections(of: user).forEach { $0.meet(fault) }
        case .next(let count, let moment): plan.add(fault, at: moment, count: count)
        case .coming(let moment): plan.add(fault, at: moment, count: nil)
        case .everyone:
            plan.add(fault, at: .accepted, count: nil)
            connectionsInOrder.forEach { $0.meet(fault) }
        }
    }

    /// The faults of the whole simulator.
    func perform(_ fault: SimulatorFault) {
        switch fault {
        case .expireSessions: registry.sessions.expireAll()
        case .refuseConnections: closeListeners()
        default: break
        }
    }

    /// Gives up `fault`, planned and lasting; all faults for nil.
    func lift(_ fault: SimulatorFault?) -> EventLoopFuture<Void> {
        plan.remove(fault)
        for connection in connectionsInOrder {
            if let fault { connection.lift(fault) } else { connection.liftAll() }
        }
        return fault == nil || fault == .refuseConnections ? reopenListeners() : loop.makeSucceededVoidFuture()
    }
}
