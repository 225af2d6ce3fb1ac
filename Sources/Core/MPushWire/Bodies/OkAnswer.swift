/// A request was carried out (PROTOCOL.md section 4.5).
package struct OkAnswer: PacketBody {
    /// The request's command.
    package var command: Command
    package var code: ReasonCode
    package var data: String

    package init(command: Command, code: ReasonCode, data: String) {
        self.command = command
        self.code = code
        self.data = data
    }

    package init(from reader: inout BodyReader) throws(WireError) {
        command = Command(rawValue: try reader.readInteger("cmd"))
        code = ReasonCode(rawValue: try reader.readInteger("code"))
        data = try reader.readString("data")
    }

    package func write(to writer: inout BodyWriter) {
        writer.writeInteger(command.rawValue)
        writer.writeInteger(code.rawValue)
        writer.writeString(data)
    }
}
