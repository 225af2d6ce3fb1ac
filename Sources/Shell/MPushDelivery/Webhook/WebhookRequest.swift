import MPushCipher
import MPushConfiguration
import MPushConnection
import MPushInbox
import MPushJSON
import MPushModel
import MPushSystemd
import NIOCore

/// What is POSTed for a message.
struct WebhookRequest {
    /// Why a request cannot be made, in words.
    struct Failure: Error {
        let detail: String
    }

    let settings: WebhookSettings
    let route: String
    let secret: SecretBytes?
    let userAgent: String
    let now: WallTime

    func request(for message: StoredMessage, attempt: Int) throws(Failure) -> HTTPRequest {
        var fields: [(name: String, value: String)] = [
            ("User-Agent", userAgent), ("Content-Type", WebhookRequest.type(of: message.content)),
            ("Idempotency-Key", WebhookRequest.key(of: message)), ("Mpush-Id", WebhookRequest.safe(message.id)),
            ("Mpush-Position", String(message.position.rawValue)), ("Mpush-User", WebhookRequest.safe(message.user)),
            ("Mpush-Identity", WebhookRequest.safe(message.identity)),
            ("Mpush-Received", message.received.rfc3339), ("Mpush-Route", WebhookRequest.safe(route)),
            ("Mpush-Attempt", String(attempt)),
        ]
        if let type = message.type { fields.append(("Mpush-Type", String(type))) }
        return try request(fields, body: message.content)
    }

    /// The request with our `fields`, those of the configuration, and signatures over `body`.
    func request(_ fields: [(name: String, value: String)], body: ByteBuffer) throws(Failure) -> HTTPRequest {
        var fields = fields
        if let secret { fields += try signatures(of: body, with: secret) }
        // A field of the configuration takes the place of ours.
        let own = Set(settings.headers.map { $0.name.lowercased() })
        fields.removeAll { own.contains($0.name.lowercased()) }
        fields += settings.headers.map { ($0.name, $0.value) }
        return HTTPRequest(.post, settings.url, fields: fields, body: body)
    }

    /// `Mpush-Signature: t=<seconds>,v1=<hex>` over `<seconds>.<body>`, so that a request that was caught cannot be sent
    /// again later; and the plain one over the body that many servers know how to check.
    private func signatures(
        of content: ByteBuffer, with secret: SecretBytes
    ) throws(Failure) -> [(name: String, value: String)] {
        let body = Array(content.readableBytesView)
        let seconds = now.millisecondsSince1970 / 1000
        do throws(CipherError) {
            let timed = try HMACSHA256.code(of: Array("\(seconds).".utf8) + body, key: secret)
            let plain = try HMACSHA256.code(of: body, key: secret)
            return [
                ("Mpush-Signature", "t=\(seconds),v1=\(WebhookRequest.hexadecimal(timed))"),
                ("X-Hub-Signature-256", "sha256=\(WebhookRequest.hexadecimal(plain))"),
            ]
        } catch {
            throw Failure(detail: "the request cannot be signed: \(error)")
        }
    }

    static func key(of message: StoredMessage) -> String {
        IdempotencyKey.text(identity: message.identity, position: message.position.rawValue, id: message.id)
    }

    /// What the content is, by its look: a whole JSON text, text, or bytes.
    static func type(of content: ByteBuffer) -> String {
        let bytes = content.readableBytesView
        if (try? JSONParser.parse(content: bytes)) != nil { return "application/json" }
        let isText = String(validating: bytes, as: UTF8.self)?.unicodeScalars.allSatisfy { scalar in
            scalar.value >= 0x20 && scalar.value != 0x7F || ["\n", "\r", "\t"].contains(scalar)
        }
        return isText == true ? "text/plain; charset=utf-8" : "application/octet-stream"
    }

    static func safe(_ value: String) -> String { value.safeInFields }

    static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
