import MPushCipher
import MPushInbox
import MPushJSON
import MPushModel
import MPushSystemd
import NIOCore

/// One message as one line of JSON (RFC 8259): `position` in the inbox, `id`, `identity`, `user`, `received` (UTC), `type`
/// where it has one, and `content`, which is text where the bytes are UTF-8 and `content_base64` where they are not.
enum MessageLine {
    static func append(_ message: StoredMessage, to line: inout [UInt8]) {
        line += "{\"position\":\(message.position.rawValue),\"id\":".utf8
        JSONText.append(message.id, to: &line)
        line += ",\"identity\":".utf8
        JSONText.append(message.identity, to: &line)
        line += ",\"user\":".utf8
        JSONText.append(message.user, to: &line)
        line += ",\"received\":\"\(message.received.rfc3339)\",".utf8
        if let type = message.type { line += "\"type\":\(type),".utf8 }
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
}
