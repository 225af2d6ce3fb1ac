package import MPushSecret

/// The server's half of a new session (PROTOCOL.md section 4.1).
package struct HandshakeAnswer: PacketBody {
    /// 16 bytes where the server is sane.
    package var serverKey: SecretBytes
    /// The interval that the server asks for; may be absurd.
    package var heartbeat: Duration
    package var sessionID: String
    /// Milliseconds since 1970, by the server's clock.
    package var expireTime: Int64

    package init(serverKey: SecretBytes, heartbeat: Duration, sessionID: String, expireTime: Int64) {
        self.serverKey = serverKey
        self.heartbeat = heartbeat
        self.sessionID = sessionID
        self.expireTime = expireTime
    }

    package init(from reader: inout BodyReader) throws(WireError) {
        serverKey = try reader.readSecret("serverKey")
        heartbeat = try reader.readDuration("heartbeat")
        sessionID = try reader.readString("sessionId")
        expireTime = try reader.readInteger("expireTime")
    }

    package func write(to writer: inout BodyWriter) {
        writer.writeSecret(serverKey)
        writer.writeDuration(heartbeat)
        writer.writeString(sessionID)
        writer.writeInteger(expireTime)
    }
}
