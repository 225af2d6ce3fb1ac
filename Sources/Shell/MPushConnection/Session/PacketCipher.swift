package import MPushCipher
import MPushModel
package import MPushSession
import MPushWire
import NIOCore

/// Turns plain messages into frames and frames into plain messages, with the ciphers that are current (PROTOCOL.md
/// section 3). Keeps OpenSSL's contexts: one for each connection.
package struct PacketCipher {
    private let serverKey: RSAPublicKey
    private let compressOver: Int
    private let maximumInflated: Int
    private var aes: AESCipher?

    package init(serverKey: RSAPublicKey, compressOver: Int, maximumInflated: Int) {
        self.serverKey = serverKey
        self.compressOver = compressOver
        self.maximumInflated = maximumInflated
    }

    /// From here on AES uses `keys`.
    mutating func use(_ keys: CipherKeys) throws(CipherError) {
        aes = try AESCipher(key: keys.key, iv: keys.iv)
    }

    /// The frame that carries `message`.
    func seal(_ message: OutgoingMessage) throws(CipherError) -> Frame {
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
    func open(_ frame: Frame) throws(CipherError) -> ByteBuffer {
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
