import MPushCipher
import MPushConfiguration
import MPushJSON
import NIOCore

/// What tells a message from others: its own id, or else a digest of its content.
struct MessageKey {
    /// The longest id that is taken for one, in bytes.
    static let longestID = 256

    /// The id that its content has.
    let id: String?
    /// `msgType` of its content.
    let type: Int64?
    /// What the database finds it by; nil where every message is a new one.
    let key: [UInt8]?
    /// How long it is the same message.
    let window: Duration

    init(_ message: NewMessage, settings: InboxSettings) {
        let members = JSONMembers.find([settings.idField, "msgType"], in: Array(buffer: message.content))
        id = members[0].flatMap(MessageKey.id)
        type = members[1]?.integer
        window = id == nil ? settings.digestWindow : settings.duplicateWindow
        guard window > .zero else {
            key = nil
            return
        }
        var text = Array(message.identity.utf8)
        text.append(0)
        if let id {
            text.append(UInt8(ascii: "i"))
            text += id.utf8
        } else {
            text.append(UInt8(ascii: "d"))
            text += message.content.readableBytesView
        }
        key = (try? SHA256.hash(text)).map { Array($0.prefix(16)) }
    }

    private static func id(_ value: JSONValue) -> String? {
        switch value {
        case .string(let text) where (1...longestID).contains(text.utf8.count): text
        case .integer(let number): String(number)
        default: nil
        }
    }
}
