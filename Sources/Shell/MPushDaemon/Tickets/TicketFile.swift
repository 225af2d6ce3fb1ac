import MPushCipher
import MPushSecret
import MPushSession
import MPushTime

/// A session ticket as the text of a file: a line for the format, one for each field, and a hash over all of it, so that
/// what was cut short or scribbled over is told from what is good.
enum TicketFile {
    /// Bytes that a file of this kind can have at most.
    static let longest = 16 * 1024

    private static let format = "mpushd session ticket 1"

    /// The text for `ticket`, which belongs to the server whose RSA key has `fingerprint`.
    static func text(_ ticket: SessionTicket, serverKey fingerprint: String) throws(CipherError) -> [UInt8] {
        let expires = ticket.expires.map { String($0.millisecondsSince1970) } ?? ""
        let fields: [(String, [UInt8])] = [
            ("server", Array(fingerprint.utf8)), ("device", Array(ticket.deviceID.utf8)),
            ("session", ticket.sessionID.exposed), ("key", ticket.keys.key.exposed), ("iv", ticket.keys.iv.exposed),
            ("expires", Array(expires.utf8)),
        ]
        let lines = [format] + fields.map { "\($0.0) \(Hexadecimal.text($0.1))" }
        let content = Array(lines.map { $0 + "\n" }.joined().utf8)
        return content + (try hashLine(of: content))
    }

    /// The ticket in `text`; nil where it is damaged. `serverKey` is the fingerprint it was stored for.
    static func ticket(in text: [UInt8]) -> (ticket: SessionTicket, serverKey: String)? {
        guard let content = verified(text) else { return nil }
        let lines = content.split(separator: "\n", omittingEmptySubsequences: true)
        guard lines.first.map(String.init) == format else { return nil }
        var fields: [String: [UInt8]] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let bytes = Hexadecimal.bytes(parts[1]) else { return nil }
            fields[String(parts[0])] = bytes
        }
        return ticket(from: fields)
    }

    private static func ticket(from fields: [String: [UInt8]]) -> (ticket: SessionTicket, serverKey: String)? {
        guard let server = fields["server"], let device = fields["device"], let session = fields["session"],
            let key = fields["key"], let iv = fields["iv"], let expires = fields["expires"],
            let keys = CipherKeys(key: SecretBytes(key), iv: SecretBytes(iv)), !session.isEmpty
        else { return nil }
        let milliseconds = Int64(String(decoding: expires, as: UTF8.self))
        guard expires.isEmpty || milliseconds != nil else { return nil }
        let ticket = SessionTicket(
            sessionID: SecretBytes(session), keys: keys, deviceID: String(decoding: device, as: UTF8.self),
            expires: milliseconds.map { WallTime(millisecondsSince1970: $0) })
        return (ticket, String(decoding: server, as: UTF8.self))
    }

    /// The content in front of the hash, where the hash is right.
    private static func verified(_ text: [UInt8]) -> String? {
        guard text.count <= longest, let end = try? hashLine(of: []), text.count > end.count else { return nil }
        let content = Array(text.dropLast(end.count))
        guard let line = try? hashLine(of: content), text.suffix(end.count) == line[...] else { return nil }
        return String(decoding: content, as: UTF8.self)
    }

    /// The last line of a file with `content`; as long for any.
    private static func hashLine(of content: [UInt8]) throws(CipherError) -> [UInt8] {
        Array("sha256 \(Hexadecimal.text(try SHA256.hash(content)))\n".utf8)
    }
}
