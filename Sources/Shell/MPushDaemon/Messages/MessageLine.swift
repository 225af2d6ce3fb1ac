import MPushCipher
import MPushJSON
import MPushSession
import MPushSystemd
import NIOCore

/// One message as one line of JSON (RFC 8259): `identity`, `user`, `received` (UTC), `number` on its connection, `ack` and
/// `content`, which is text where the bytes are UTF-8 and `content_base64` where they are not.
enum MessageLine {
    static func append(_ message: ReceivedMessage, from origin: MessageOrigin, to line: inout [UInt8]) {
        line += "{\"identity\":".utf8
        JSONText.append(origin.identity, to: &line)
        line += ",\"user\":".utf8
        JSONText.append(origin.user, to: &line)
        line += ",\"received\":\"\(origin.received.utcText)\",\"number\":\(message.number)".utf8
        line += ",\"ack\":\"\(word(for: message.ackDemand))\",".utf8
        append(message.content, to: &line)
        line += "}\n".utf8
    }

    private static func append(_ content: ByteBuffer, to line: inout [UInt8]) {
        let bytes = content.readableBytesView
        if let text = String(validating: bytes, as: UTF8.self) {
            line += "\"content\":".utf8
            JSONText.append(text, to: &line)
        } else {
            line += "\"content_base64\":\"".utf8
            line += Base64.encode(bytes).utf8
            line.append(UInt8(ascii: "\""))
        }
    }

    private static func word(for demand: ReceivedMessage.AckDemand) -> String {
        switch demand {
        case .never: "never"
        case .whenStored: "when-stored"
        case .whenConsumed: "when-consumed"
        }
    }
}
