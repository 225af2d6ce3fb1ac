package import MPushSecret
package import NIOCore

/// AES-128-CBC with PKCS#7 padding under one key and one initialisation vector, as a session of MPush uses it for each
/// of its messages (PROTOCOL.md section 3). The bytes are not authenticated: TLS below does that.
///
/// Keeps OpenSSL's contexts, so it belongs to one event loop and is not Sendable.
package final class AESCipher {
    /// Bytes of a block, of a key and of an initialisation vector.
    package static let blockSize = 16

    private let encryption: CipherContext
    private let decryption: CipherContext
    private let vector: SecretBytes

    /// - Throws: `wrongAESKeySize` or `wrongAESVectorSize` where one of them is not 16 bytes long.
    package init(key: SecretBytes, iv: SecretBytes) throws(CipherError) {
        guard key.count == Self.blockSize else { throw .wrongAESKeySize(bytes: key.count) }
        guard iv.count == Self.blockSize else { throw .wrongAESVectorSize(bytes: iv.count) }
        encryption = try CipherContext(.encrypt, key: key)
        decryption = try CipherContext(.decrypt, key: key)
        vector = iv
    }

    /// The ciphertext of `plain`: its length rounded up to the next multiple of 16 that is greater.
    package func encrypt(_ plain: ByteBuffer) throws(CipherError) -> ByteBuffer {
        guard plain.readableBytes <= OpenSSL.maximumInput else {
            throw .inputTooLarge(bytes: plain.readableBytes, maximum: OpenSSL.maximumInput)
        }
        let capacity = (plain.readableBytes / Self.blockSize + 1) * Self.blockSize
        return try transform(plain, with: encryption, capacity: capacity)
    }

    /// The plain text of `sealed`.
    /// - Throws: `decryptionFailed` where `sealed` is not a whole number of blocks, at least one, or its padding is not
    ///   right: it is damaged or encrypted with another key. About one wrong key in 256 goes unnoticed here.
    package func decrypt(_ sealed: ByteBuffer) throws(CipherError) -> ByteBuffer {
        let count = sealed.readableBytes
        guard count <= OpenSSL.maximumInput else {
            throw .inputTooLarge(bytes: count, maximum: OpenSSL.maximumInput)
        }
        guard count > 0, count.isMultiple(of: Self.blockSize) else {
            throw .decryptionFailed(detail: "\(count) bytes are not a whole number of \(Self.blockSize)-byte blocks")
        }
        return try transform(sealed, with: decryption, capacity: count)
    }

    @inline(__always)
    private func transform(
        _ input: ByteBuffer, with context: borrowing CipherContext, capacity: Int
    ) throws(CipherError) -> ByteBuffer {
        var output = ByteBuffer()
        try output.writeWithUnsafeMutableBytes(minimumWritableBytes: capacity) { room throws(CipherError) in
            try input.withUnsafeReadableBytes { bytes throws(CipherError) in
                try vector.withUnsafeBytes { vector throws(CipherError) in
                    try context.transform(bytes, vector: vector, into: room)
                }
            }
        }
        return output
    }
}
