import MPushCipher
import MPushSession
import MPushWire
import NIOCore

/// Opens and seals bodies by the same steps as the daemon's driver. RSA alone is left out: it costs more than the rest of
/// a script, and the fuzzer has nothing to say in it.
struct ScriptCipher {
    /// Bytes of a body once it is inflated.
    static let maximumInflated = 256 * 1024
    /// Bytes over which a body is compressed before it is sent.
    static let compressOver = 1024

    private var aes: AESCipher?

    mutating func use(_ keys: CipherKeys) throws(CipherError) {
        aes = try AESCipher(key: keys.key, iv: keys.iv)
    }

    func open(_ frame: Frame) throws(CipherError) -> ByteBuffer {
        let body = SealedBody(
            bytes: frame.body, isEncrypted: frame.flags.contains(.crypto),
            isCompressed: frame.flags.contains(.compress))
        return try body.opened(with: aes, maximumInflated: Self.maximumInflated)
    }

    func seal(_ message: OutgoingMessage) throws(CipherError) -> Frame {
        guard message.protection == .aes else {
            return Frame(
                command: message.command, flags: message.flags, sessionID: message.sessionID, body: message.body)
        }
        guard let aes else { throw .noCipher }
        let sealed = try SealedBody(sealing: message.body, with: aes, compressOver: Self.compressOver)
        var flags = message.flags
        if sealed.isEncrypted { flags.insert(.crypto) }
        if sealed.isCompressed { flags.insert(.compress) }
        return Frame(command: message.command, flags: flags, sessionID: message.sessionID, body: sealed.bytes)
    }
}
