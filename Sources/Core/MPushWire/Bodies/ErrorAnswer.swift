/// A request was not carried out (PROTOCOL.md section 4.5).
package struct ErrorAnswer: PacketBody {
    /// The request's command.
    package var command: Command
    package var code: ReasonCode
    package var reason: String
    package var data: String

    package init(command: Command, code: ReasonCode, reason: String, data: String) {
        self.command = command
        self.code = code
        self.reason = reason
        self.data = data
    }

    package init(from reader: inout BodyReader) throws(WireError) {
        command = Command(rawValue: try reader.readInteger("cmd"))
        code = ReasonCode(rawValue: try reader.readInteger("code"))
        reason = try reader.readString("reason")
        data = try reader.readString("data")
    }

    package func write(to writer: inout BodyWriter) {
        writer.writeInteger(command.rawValue)
        writer.writeInteger(code.rawValue)
        writer.writeString(reason)
        writer.writeString(data)
    }
}
