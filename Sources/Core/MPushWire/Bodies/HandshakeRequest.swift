package import MPushSecret

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
