package import MPushSecret

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
