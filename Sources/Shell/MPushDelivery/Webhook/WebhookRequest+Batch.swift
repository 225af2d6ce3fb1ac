import MPushCipher
import MPushConfiguration
import MPushConnection
import MPushInbox
import MPushJSON
import MPushModel
import NIOCore

extension WebhookRequest {
    /// What is POSTed for several messages together: an array of objects, or a line for each. An object is what followers get
    /// (`MessageLine`), with `key`, which is the message's Idempotency-Key, and `attempt`.
    func request(for messages: [AttemptedMessage], _ format: WebhookSettings.Batch.Format) throws(Failure)
        -> HTTPRequest
    {
        let body = WebhookRequest.body(of: messages, format)
        let type =
            switch format {
            case .json: "application/json"
            case .ndjson: "application/x-ndjson"
            }
        return try request(
            [
                ("User-Agent", userAgent), ("Content-Type", type),
                ("Idempotency-Key", try WebhookRequest.key(of: messages)), ("Mpush-Route", WebhookRequest.safe(route)),
                ("Mpush-Batch", String(messages.count)),
            ], body: body)
    }

    /// The same for the same messages in the same order, and no other.
    private static func key(of messages: [AttemptedMessage]) throws(Failure) -> String {
        let keys = messages.map { key(of: $0.message) }.joined(separator: "\n")
        do throws(CipherError) {
            return "batch:" + hexadecimal(try SHA256.hash(Array(keys.utf8)).prefix(16))
        } catch {
            throw Failure(detail: "the request cannot be made: \(error)")
        }
    }

    private static func body(of messages: [AttemptedMessage], _ format: WebhookSettings.Batch.Format) -> ByteBuffer {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(messages.reduce(0) { $0 + $1.message.content.readableBytes + 256 })
        for (index, attempted) in messages.enumerated() {
            if format == .json { bytes.append(UInt8(ascii: index == 0 ? "[" : ",")) }
            bytes += "{\"key\":".utf8
            JSONText.append(key(of: attempted.message), to: &bytes)
            bytes += ",\"attempt\":\(attempted.attempt),".utf8
            let start = bytes.count
            MessageLine.append(attempted.message, to: &bytes)
            // One object of both: its brace is open already.
            bytes.remove(at: start)
            if format == .json { bytes.removeLast() }
        }
        if format == .json { bytes.append(UInt8(ascii: "]")) }
        return ByteBuffer(bytes: bytes)
    }
}
