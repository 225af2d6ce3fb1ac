import MPushTestSupport
import MPushWire
import NIOCore

/// `vectors/bad_inputs.json`: what was sent to the real server, what it answered, and whether it closed.
struct BadInputVectors: Decodable {
    let cases: [Case]

    struct Case: Decodable, CustomStringConvertible {
        let name: String
        let sent: String?
        let reply: [Reply]?
        let replies: [HTTPReply]?
        let closed: Bool?
        let client_max: Int64?
        let server_heartbeat: Int64?

        var description: String { name }

        /// The bytes sent, where they are there in full.
        var sentBytes: [UInt8]? { sent.flatMap { bytes(hex: $0) } }

        /// The header that was sent, for a body of our own.
        var sentHeader: Frame? {
            guard let sent = sentBytes, sent.count >= Frame.headerLength else { return nil }
            var bytes = ByteBuffer(bytes: sent)
            guard let parts = bytes.readMultipleIntegers(as: (Int32, UInt8, UInt16, UInt8, Int32).self) else {
                return nil
            }
            return Frame(
                command: Command(rawValue: parts.1), flags: PacketFlags(rawValue: parts.3), sessionID: parts.4)
        }
    }

    struct Reply: Decodable {
        let cmd: String
        let flags: UInt8
        let sessionId: Int32
        let body: String
    }

    struct HTTPReply: Decodable {
        let flags: UInt8
        let sessionId: Int32
        let status: Int32
        let reason: String
    }

    static func load() throws -> BadInputVectors { try Fixture.json("vectors/bad_inputs.json") }

    func named(_ name: String) -> Case? { cases.first { $0.name == name } }
}
