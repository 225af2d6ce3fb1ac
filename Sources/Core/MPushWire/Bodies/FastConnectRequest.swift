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
