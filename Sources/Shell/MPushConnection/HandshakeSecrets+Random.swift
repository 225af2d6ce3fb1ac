package import MPushCipher
import MPushSecret
package import MPushSession

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
