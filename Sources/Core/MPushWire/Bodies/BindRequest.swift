package import MPushModel

/// Says whose messages this connection is for, or no longer is: BIND and UNBIND (PROTOCOL.md section 4.3).
package struct BindRequest: PacketBody {
    package var userID: String
    /// A credential for the server's own validator; empty for none.
    package var data: SecretBytes
    /// Joined with commas on the wire.
    package var tags: String

    package init(userID: String, data: SecretBytes, tags: String) {
        self.userID = userID
        self.data = data
        self.tags = tags
    }

    package init(from reader: inout BodyReader) throws(WireError) {
        userID = try reader.readString("userId")
        data = try reader.readSecret("data")
        tags = try reader.readString("tags")
    }

    package func write(to writer: inout BodyWriter) {
        writer.writeString(userID)
        writer.writeSecret(data)
        writer.writeString(tags)
    }
}

/// The same user, on the same type of client, was bound elsewhere (PROTOCOL.md section 4.6).
package struct KickMessage: PacketBody {
    package var deviceID: String
    package var userID: String

    package init(deviceID: String, userID: String) {
        self.deviceID = deviceID
        self.userID = userID
    }

    package init(from reader: inout BodyReader) throws(WireError) {
        deviceID = try reader.readWords("deviceId")
        userID = try reader.readWords("userId")
    }

    package func write(to writer: inout BodyWriter) {
        writer.writeString(deviceID)
        writer.writeString(userID)
    }
}
