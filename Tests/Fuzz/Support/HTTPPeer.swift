import NIOCore
import NIOEmbedded

/// The other end of a connection: what it says comes in pieces, then it hangs up.
struct HTTPPeer {
    /// Read by `channel`, which is connected, until that is closed; then the end.
    static func speak(_ pieces: [[UInt8]], to channel: EmbeddedChannel) {
        for piece in pieces where channel.isActive { _ = try? channel.writeInbound(ByteBuffer(bytes: piece)) }
        _ = try? channel.finish(acceptAlreadyClosed: true)
    }

    /// A channel that is connected.
    static func connected() throws(InvariantViolation) -> EmbeddedChannel {
        let channel = EmbeddedChannel()
        do {
            channel.connect(to: try SocketAddress(ipAddress: "192.0.2.1", port: 80), promise: nil)
        } catch {
            throw InvariantViolation("no address: \(error)")
        }
        try require(channel.isActive, "the channel is not connected")
        return channel
    }
}
