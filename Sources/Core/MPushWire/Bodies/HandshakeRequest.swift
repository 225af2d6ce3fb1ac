package import MPushModel

/// Opens a new session (PROTOCOL.md section 4.1). None of the texts may hold a comma.
package struct HandshakeRequest: PacketBody {
    package var deviceID: String
    package var osName: String
    package var osVersion: String
    package var clientVersion: String
    /// 16 bytes.
    package var iv: SecretBytes
    /// 16 bytes.
    package var clientKey: SecretBytes
    package var minimumHeartbeat: Duration
    package var maximumHeartbeat: Duration
    /// Milliseconds since 1970.
    package var timestamp: Int64

    package init(
        deviceID: String, osName: String, osVersion: String, clientVersion: String, iv: SecretBytes,
        clientKey: SecretBytes, minimumHeartbeat: Duration, maximumHeartbeat: Duration, timestamp: Int64
    ) {
        self.deviceID = deviceID
        self.osName = osName
        self.osVersion = osVersion
        self.clientVersion = clientVersion
        self.iv = iv
        self.clientKey = clientKey
        self.minimumHeartbeat = minimumHeartbeat
        self.maximumHeartbeat = maximumHeartbeat
        self.timestamp = timestamp
    }

    package init(from reader: inout BodyReader) throws(WireError) {
        deviceID = try reader.readString("deviceId")
        osName = try reader.readString("osName")
        osVersion = try reader.readString("osVersion")
        clientVersion = try reader.readString("clientVersion")
        iv = try reader.readSecret("iv")
        clientKey = try reader.readSecret("clientKey")
        minimumHeartbeat = try reader.readDuration("minHeartbeat")
        maximumHeartbeat = try reader.readDuration("maxHeartbeat")
        timestamp = try reader.readInteger("timestamp")
    }

    package func write(to writer: inout BodyWriter) {
        writer.writeString(deviceID)
        writer.writeString(osName)
        writer.writeString(osVersion)
        writer.writeString(clientVersion)
        writer.writeSecret(iv)
        writer.writeSecret(clientKey)
        writer.writeDuration(minimumHeartbeat)
        writer.writeDuration(maximumHeartbeat)
        writer.writeInteger(timestamp)
    }
}

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

/// Resumes a session without RSA (PROTOCOL.md section 4.2).
package struct FastConnectRequest: PacketBody {
    package var sessionID: String
    package var deviceID: String
    package var minimumHeartbeat: Duration
    package var maximumHeartbeat: Duration

    package init(sessionID: String, deviceID: String, minimumHeartbeat: Duration, maximumHeartbeat: Duration) {
        self.sessionID = sessionID
        self.deviceID = deviceID
        self.minimumHeartbeat = minimumHeartbeat
        self.maximumHeartbeat = maximumHeartbeat
    }

    package init(from reader: inout BodyReader) throws(WireError) {
        sessionID = try reader.readString("sessionId")
        deviceID = try reader.readString("deviceId")
        minimumHeartbeat = try reader.readDuration("minHeartbeat")
        maximumHeartbeat = try reader.readDuration("maxHeartbeat")
    }

    package func write(to writer: inout BodyWriter) {
        writer.writeString(sessionID)
        writer.writeString(deviceID)
        writer.writeDuration(minimumHeartbeat)
        writer.writeDuration(maximumHeartbeat)
    }
}

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
