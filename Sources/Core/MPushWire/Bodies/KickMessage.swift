/// The same user, on the same type of client, was bound elsewhere (PROTOCOL.md section 4.6).
package struct KickMessage: PacketBody {
    package var deviceID: String
    package var userID: String

    package init(deviceID: String, userID: String) {
        self.deviceID = deviceID
        self.userID = userID
    }

    package init(from reader: inout BodyReader) throws(WireError) {
        deviceID = try reader.readString("deviceId")
        userID = try reader.readString("userId")
    }

    package func write(to writer: inout BodyWriter) {
        writer.writeString(deviceID)
        writer.writeString(userID)
    }
}
