import MPushConnection
import MPushModel
import MPushPlatform
import MPushSession
import MPushSupervision
import NIOCore

/// What a change of the machine's network means for one identity.
extension IdentityRunner {
    /// The network was looked at: the connection may have to go, or the server to be asked whether it is there; and there may
    /// be a route to a server, or none. Where it was looked at for another reason, as a reload, no `isChange`.
    func networkChanged(_ look: NetworkLook, isChange: Bool = true) {
        let change = routesChanged(look, isChange: isChange)
        tell { supervisor, now in
            supervisor.networkChanged(hasRoute: change.hasRoute, isNews: change.isNews, at: now)
        }
        switch phase {
        case .resting, .allocating: break
        case .connecting(let connector, _, _):
            guard change.isNews else { break }
            connector.cancel()
            ended(.networkChanged(detail: "another way to the server came up while it was being connected to"))
        case .connected(let connection): check(connection, look)
        }
    }

    /// A name that is not found may mean that there is no network; and so may a proxy that is not reached, whether or not the
    /// way without it was tried as well.
    func doubtNetwork(after cause: LossCause) {
        switch cause {
        case .resolve, .proxy(_, .unreachable): network.doubt()
        default: break
        }
    }

    /// Notes the way that a connection goes, so that a change of it is seen.
    func notePath(of connection: LiveConnection, on channel: any Channel) {
        guard network.isWatching, let local = channel.localAddress?.ipAddress, let remote = channel.remoteAddress else {
            return
        }
        connection.path = ConnectionPath(from: local, route: services.routes.route(to: remote))
    }

    private func check(_ connection: LiveConnection, _ look: NetworkLook) {
        guard var path = connection.path, let remote = connection.address else { return }
        let verdict = path.networkChanged(route: look.route(to: remote), addresses: look.ownAddresses)
        connection.path = path
        switch verdict {
        case .keep: if look.hasSlept { connection.handler.askServer(because: nil) }
        case .ask(let reason): connection.handler.askServer(because: reason)
        // What is said in good order would go nowhere.
        case .giveUp(let reason): connection.handler.abandon(.networkChanged(detail: reason))
        }
    }

    private func routesChanged(_ look: NetworkLook, isChange: Bool) -> ServerRoutes.Change {
        var answers: [RouteAnswer] = []
        var isComplete = true
        let connections = connections
        let hops =
            supervisor.servers.flatMap { connections.firstHops(to: $0) }
            + (supervisor.allocator.map { connections.firstHops(to: $0) } ?? [])
        for hop in hops {
            let known = services.lookup.known(hop.host, port: hop.port)
            answers += known.map(look.routeOfServer)
            // Behind a proxy, a name is looked up only where the proxy was of no use: it was not found, or not needed.
            let wasNotFound = hop.isFallback ? supervisor.lastLoss != nil : supervisor.wasNameNotFound
            if known.isEmpty, look.mayReachUnknown(afterNotFound: wasNotFound) { isComplete = false }
        }
        return serverRoutes.looked(answers, isComplete: isComplete, isChange: isChange)
    }
}
