package import MPushWire
package import NIOCore

extension Simulator {
    /// Pushes `content` to every connection of `user`. The future has a report for each, when its ACK came or the
    /// deadline (nil: the simulator's) is over; an empty list says that the user is offline.
    package func push(
        _ content: ByteBuffer, to user: String, flags: PacketFlags = .autoAck, deadline: Duration? = nil
    ) -> EventLoopFuture<[PushReport]> {
        onLoop { $0.push(content, to: user, flags: flags, deadline: deadline) }
    }

    /// Pushes `content` to every connection whose BIND named one of `tags`.
    package func broadcast(
        _ content: ByteBuffer, tags: Set<String>, flags: PacketFlags = .autoAck, deadline: Duration? = nil
    ) -> EventLoopFuture<[PushReport]> {
        onLoop { $0.broadcast(content, tags: tags, flags: flags, deadline: deadline) }
    }

    /// Pushes `content` `count` times over the oldest connection of `user`, each encrypted anew, as fast as the socket
    /// takes them. The future is done when all were written and, with an ack flag, acknowledged; or with the connection.
    /// No event is recorded for each.
    package func flood(
        _ content: ByteBuffer, to user: String, count: Int, flags: PacketFlags = .autoAck
    ) -> EventLoopFuture<FloodReport> {
        onLoop { $0.flood(content, to: user, count: count, flags: flags) }
    }
}
