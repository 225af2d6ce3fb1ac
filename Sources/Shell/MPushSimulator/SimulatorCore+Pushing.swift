import MPushWire
import NIOCore

extension SimulatorCore {
    /// Pushes to every connection of `user`.
    func push(
        _ content: ByteBuffer, to user: String, flags: PacketFlags, deadline: Duration?
    ) -> EventLoopFuture<[PushReport]> {
        push(content, over: connections(of: user), flags: flags, deadline: deadline)
    }

    /// Pushes to every connection whose BIND named one of `tags`.
    func broadcast(
        _ content: ByteBuffer, tags: Set<String>, flags: PacketFlags, deadline: Duration?
    ) -> EventLoopFuture<[PushReport]> {
        let tagged = registry.boundConnections.compactMap { connections[$0] }.filter { connection in
            connection.session.tags.split(separator: ",").contains { tags.contains(String($0)) }
        }
        return push(content, over: tagged, flags: flags, deadline: deadline)
    }

    func flood(
        _ content: ByteBuffer, to user: String, count: Int, flags: PacketFlags
    ) -> EventLoopFuture<FloodReport> {
        guard let connection = connections(of: user).first else {
            return loop.makeFailedFuture(SimulatorError.offline(user: user))
        }
        return connection.flood(content, count: count, flags: flags)
    }

    private func push(
        _ content: ByteBuffer, over connections: [ServerConnection], flags: PacketFlags, deadline: Duration?
    ) -> EventLoopFuture<[PushReport]> {
        let deadline = deadline ?? configuration.ackDeadline
        let reports = connections.map { $0.push(content, flags: flags, deadline: deadline) }
        return EventLoopFuture.whenAllSucceed(reports, on: loop)
    }
}
