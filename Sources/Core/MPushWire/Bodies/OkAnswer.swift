/// A request was carried out (PROTOCOL.md section 4.5). Of `data` no more is kept than `String.longestKept` bytes.
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
        data = try reader.readWords("data")
    }

    package func write(to writer: inout BodyWriter) {
        writer.writeInteger(command.rawValue)
        writer.writeInteger(code.rawValue)
        writer.writeString(data)
    }
}

/// A request was not carried out (PROTOCOL.md section 4.5). Of each text no more is kept than `String.longestKept` bytes.
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
        reason = try reader.readWords("reason")
        data = try reader.readWords("data")
    }

    package func write(to writer: inout BodyWriter) {
        writer.writeInteger(command.rawValue)
        writer.writeInteger(code.rawValue)
        writer.writeString(reason)
        writer.writeString(data)
    }
}

/// The `code` of an OK or ERROR (PROTOCOL.md section 4.5). Any byte can come; these have a meaning.
package struct ReasonCode: RawRepresentable, Hashable, Sendable {
    package let rawValue: Int8

    package init(rawValue: Int8) {
        self.rawValue = rawValue
    }

    package static let none = ReasonCode(rawValue: 0)
    package static let offline = ReasonCode(rawValue: 1)
    package static let pushFailed = ReasonCode(rawValue: 2)
    package static let routerChanged = ReasonCode(rawValue: 3)
    package static let ackTimeout = ReasonCode(rawValue: 4)
    package static let dispatchError = ReasonCode(rawValue: 100)
    package static let unsupportedCommand = ReasonCode(rawValue: 101)
    package static let repeatedHandshake = ReasonCode(rawValue: 102)
    package static let sessionExpired = ReasonCode(rawValue: 103)
    package static let invalidDevice = ReasonCode(rawValue: 104)
    package static let unknown = ReasonCode(rawValue: -1)
}
