import MPushCipher
import MPushWire
import NIOCore

/// Many pushes, ready for the wire: what the server writes into TLS, record by record.
struct PushStream {
    /// The plaintext of one TLS record each.
    let records: [ByteBuffer]
    let pushes: Int
    let bytes: Int

    private static let recordLength = 16_384

    /// `count` pushes as `kind` says, each encrypted with `cipher`.
    init(_ kind: PushCase, count: Int, cipher: AESCipher) throws {
        var content = Self.content(of: kind.contentLength, number: 0)
        var all = ByteBuffer()
        for number in 1...count {
            if kind.isAcknowledged { content = Self.content(of: kind.contentLength, number: number) }
            let frame = Frame(
                command: .push, flags: kind.isAcknowledged ? [.crypto, .autoAck] : .crypto,
                sessionID: Int32(truncatingIfNeeded: number), body: try cipher.encrypt(content))
            try frame.write(to: &all)
        }
        pushes = count
        bytes = all.readableBytes
        records = Self.cut(all, into: kind.hasRecordEach ? all.readableBytes / count : Self.recordLength)
    }

    /// All pushes are of the same length, so that any length of record is one for all.
    private static func cut(_ bytes: ByteBuffer, into length: Int) -> [ByteBuffer] {
        var rest = bytes
        var records: [ByteBuffer] = []
        while rest.readableBytes > 0, let record = rest.readSlice(length: min(length, rest.readableBytes)) {
            records.append(record)
        }
        return records
    }

    /// Text in the form that most senders of MPush use, `length` bytes with the number in its id.
    static func content(of length: Int, number: Int) -> ByteBuffer {
        let digits = String(number)
        let id = String(repeating: "0", count: max(0, 10 - digits.count)) + digits
        let head = "{\"msgId\":\"\(id)\",\"msgType\":2,\"content\":\""
        let tail = "\"}"
        let filling = String(repeating: "x", count: max(0, length - head.utf8.count - tail.utf8.count))
        return ByteBuffer(string: head + filling + tail)
    }
}
