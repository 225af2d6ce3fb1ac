/// The session goes on (PROTOCOL.md section 4.2). It is not bound yet.
package struct FastConnectAnswer: PacketBody {
    /// The interval that the server asks for; may be absurd.
    package var heartbeat: Duration

    package init(heartbeat: Duration) {
        self.heartbeat = heartbeat
    }

    package init(from reader: inout BodyReader) throws(WireError) {
        heartbeat = try reader.readDuration("heartbeat")
    }

    package func write(to writer: inout BodyWriter) {
        writer.writeDuration(heartbeat)
    }
}
