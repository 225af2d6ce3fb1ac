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
        let content = lines.map { $0 + "\n" }.joined()
        return Array((content + "sha256 \(Hexadecimal.text(try SHA256.hash(Array(content.utf8))))\n").utf8)
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
        let whole = String(decoding: text, as: UTF8.self)
        guard let range = whole.range(ofLast: "sha256 ") else { return nil }
        let content = String(whole[..<range])
        guard let hash = try? SHA256.hash(Array(content.utf8)),
            whole[range...] == "sha256 \(Hexadecimal.text(hash))\n"
        else { return nil }
        return content
    }
}

extension String {
    /// Where the last line that begins with `prefix` begins.
    fileprivate func range(ofLast prefix: String) -> String.Index? {
        var found: String.Index?
        var line = startIndex
        while line < endIndex {
            if self[line...].hasPrefix(prefix) { found = line }
            guard let end = self[line...].firstIndex(of: "\n") else { break }
            line = index(after: end)
        }
        return found
    }
}
