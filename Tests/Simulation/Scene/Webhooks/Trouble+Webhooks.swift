import MPushModel
import MPushWorld

/// What goes wrong with webhooks, in worlds that have some.
extension Trouble {
    static func webhooks(_ server: WebhookServer) -> [Trouble] {
        [
            Trouble("a webhook fails", weight: 4) { world in
                let (random, route) = (world.random, world.random.element(of: world.configuration.webhooks))
                server[route].fault = random.element(of: WebhookFault.allCases)
                // With a share between these, a message that is nobody's fault would use up all of its attempts by chance.
                server[route].share = random.chance(0.3) ? 1 : Double(1 + random.below(60)) / 100
                world.note("\(route): \(server[route].fault), \(server[route].share)")
                world.undo(in: .seconds(60) ... .seconds(8 * 3600)) { server[route].share = 0 }
            },
            Trouble("a webhook is slow") { world in
                let route = world.random.element(of: world.configuration.webhooks)
                server[route].takes = .seconds(1) ... .seconds(world.random.chance(0.5) ? 10 : 40)
                world.undo(in: .seconds(60) ... .seconds(3600)) { server[route].takes = WebhookMood().takes }
            },
            Trouble("the server of webhooks hangs up") { world in
                server.hangsUp = true
                world.undo(in: .seconds(10) ... .seconds(4 * 3600)) { server.hangsUp = false }
            },
            Trouble("the server of webhooks crashes", weight: 2) { world in
                server.crash(for: world.random.skewedDuration(in: .seconds(1) ... .seconds(10 * 3600)))
            },
            Trouble("the server of webhooks loses its power") { world in
                server.cutPower(for: world.random.skewedDuration(in: .seconds(10) ... .seconds(10 * 3600)))
            },
            Trouble("the server of webhooks hangs") { world in
                guard server.isUp else { return }
                server.machine.hang(for: world.random.skewedDuration(in: .seconds(1) ... .seconds(3600)))
            },
            Trouble("connections of webhooks are reset") { _ in server.machine.host.resetConnections() },
            Trouble("the way to the webhooks is bad") { world in
                let link = world.network.link(Device.address, WebhookServer.address)
                let loss = world.random.chance(0.5) ? 1 : Double(world.random.below(60)) / 100
                if world.random.chance(0.7) { link.there.loss = loss }
                if world.random.chance(0.7) { link.back.loss = loss }
                world.undo(in: .seconds(10) ... .seconds(4 * 3600)) {
                    link.there.loss = 0
                    link.back.loss = 0
                }
            },
            Trouble("the name of the webhooks is unknown") { world in
                let names = world.device.machine.host.names
                names.entries[WebhookServer.host] = nil
                world.undo(in: .seconds(10) ... .seconds(4 * 3600)) {
                    names.set(WebhookServer.host, [WebhookServer.address])
                }
            },
        ]
    }
}
