package import MPushCipher
package import MPushConfiguration
import MPushModel
package import MPushSession
import MPushWire
import NIOCore

/// Turns the bytes of one connection into what the server said, and messages into bytes, with the ciphers that are current
/// and within the limits of the configuration (PROTOCOL.md sections 1 to 3). Keeps OpenSSL's contexts.
package struct PacketCodec {
    /// One thing that the server sent.
    enum Element {
        case heartbeat
        case message(ServerMessage, flags: PacketFlags, number: Int32)
        /// Its body is too long to be looked at.
        case refused(Command, number: Int32, SizeExcess)
    }

    private let serverKey: RSAPublicKey
    private let compressOver: Int
    private let maximumInflated: Int
    private var decoder: FrameDecoder
    private var aes: AESCipher?

    /// - Parameter serverKey: what the handshake is encrypted with.
    package init(serverKey: RSAPublicKey, limits: LimitSettings) {
        self.init(
            serverKey: serverKey, maximumBody: limits.maximumBody, maximumInflated: limits.maximumInflated,
            compressOver: limits.compressOver)
    }

    init(serverKey: RSAPublicKey, maximumBody: Int, maximumInflated: Int, compressOver: Int) {
        self.serverKey = serverKey
        self.compressOver = compressOver
        self.maximumInflated = maximumInflated
        decoder = FrameDecoder(maximumBody: maximumBody)
    }

    /// Takes in what was read.
    mutating func append(_ bytes: ByteBuffer) {
        decoder.append(bytes)
    }

    /// The next thing that was sent; nil when more bytes are needed. After an error the codec is of no more use.
    mutating func next() throws -> Element? {
        switch try decoder.next() {
        case nil: nil
        case .heartbeat?: .heartbeat
        case .skipped(let frame, let length)?:
            .refused(
                frame.command, number: frame.sessionID, .body(bytes: length, maximum: decoder.maximumBody))
        case .frame(let frame)?: try element(of: frame)
        }
    }

    private func element(of frame: Frame) throws -> Element {
        let body: ByteBuffer
        do throws(CipherError) {
            body = try open(frame)
        } catch {
            guard case .inflatedTooLarge(let maximum) = error else { throw error }
            return .refused(frame.command, number: frame.sessionID, .inflated(maximum: maximum))
        }
        return .message(
            try ServerMessage(command: frame.command, body: body), flags: frame.flags, number: frame.sessionID)
    }

    /// How long `body` is on the wire, compressed where that makes it shorter, and encrypted.
    func sealedLength(of body: ByteBuffer) -> Int {
        let plain = body.readableBytes
        guard plain > compressOver, let compressed = try? Zlib.deflate(body) else {
            return OutgoingMessage.sealedLength(of: plain)
        }
        return OutgoingMessage.sealedLength(of: min(plain, compressed.readableBytes))
    }

    /// Appends `message` to `bytes` as it goes over the wire.
    func write(_ message: OutgoingMessage, to bytes: inout ByteBuffer) throws {
        try seal(message).write(to: &bytes)
    }

    /// From here on AES uses `keys`.
    mutating func use(_ keys: CipherKeys) throws(CipherError) {
        aes = try AESCipher(key: keys.key, iv: keys.iv)
    }

    private func seal(_ message: OutgoingMessage) throws(CipherError) -> Frame {
        let sealed = try sealedBody(of: message)
        var flags = message.flags
        if sealed.isEncrypted { flags.insert(.crypto) }
        if sealed.isCompressed { flags.insert(.compress) }
        return Frame(command: message.command, flags: flags, sessionID: message.sessionID, body: sealed.bytes)
    }

    private func sealedBody(of message: OutgoingMessage) throws(CipherError) -> SealedBody {
        switch message.protection {
        case .raw:
            return SealedBody(bytes: message.body, isEncrypted: false, isCompressed: false)
        case .rsa:
            return try SealedBody(sealing: message.body, with: serverKey, compressOver: nil)
        case .aes:
            guard let aes else { throw .noCipher }
            return try SealedBody(sealing: message.body, with: aes, compressOver: compressOver)
        }
    }

    /// The plain body of `frame`: a receiver goes by the flags alone (PROTOCOL.md section 5).
    private func open(_ frame: Frame) throws(CipherError) -> ByteBuffer {
        let body = SealedBody(
            bytes: frame.body, isEncrypted: frame.flags.contains(.crypto),
            isCompressed: frame.flags.contains(.compress))
        return try body.opened(with: aes, maximumInflated: maximumInflated)
    }
}

extension HandshakeSecrets {
    /// Fresh secrets for one connection.
    package static func random() throws(CipherError) -> HandshakeSecrets {
        let key = try SecureRandom.bytes(CipherKeys.length)
        let iv = try SecureRandom.bytes(CipherKeys.length)
        guard let secrets = HandshakeSecrets(clientKey: key, iv: iv) else {
            throw .wrongAESKeySize(bytes: key.count)
        }
        return secrets
    }
}
