import COpenSSL
package import MPushModel
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

/// An `EVP_CIPHER_CTX` for AES-128-CBC with PKCS#7 padding, keyed once and used for many messages
/// (EVP_EncryptInit(3)).
struct CipherContext: ~Copyable {
    enum Direction: Int32 {
        case decrypt = 0
        case encrypt = 1
    }

    private let context: OpaquePointer
    private let direction: Direction

    /// - Throws: `wrongAESKeySize` where `key` is not 16 bytes long: OpenSSL would read as many without asking.
    init(_ direction: Direction, key: SecretBytes) throws(CipherError) {
        guard key.count == AESCipher.blockSize else { throw .wrongAESKeySize(bytes: key.count) }
        OpenSSL.clearErrors()
        let context = try OpenSSL.made(EVP_CIPHER_CTX_new(), by: "EVP_CIPHER_CTX_new")
        let status = key.withUnsafeBytes { bytes in
            EVP_CipherInit_ex(context, EVP_aes_128_cbc(), nil, bytes.baseAddress, nil, direction.rawValue)
        }
        guard status == 1 else {
            EVP_CIPHER_CTX_free(context)
            throw OpenSSL.failure("EVP_CipherInit_ex")
        }
        self.context = context
        self.direction = direction
    }

    /// Frees the context; OpenSSL wipes the key schedule.
    deinit {
        EVP_CIPHER_CTX_free(context)
    }

    /// Encrypts or decrypts one whole message and returns the length of the result. A message begins with the key and
    /// `vector` alone, however the one before it ended. `output` has room for `input` and, where it is to be encrypted,
    /// its padding: OpenSSL is told of no bound for what it writes.
    @inline(__always)
    borrowing func transform(
        _ input: UnsafeRawBufferPointer, vector: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(CipherError) -> Int {
        let padding = direction == .encrypt ? AESCipher.blockSize - input.count % AESCipher.blockSize : 0
        guard vector.count == AESCipher.blockSize else { throw .wrongAESVectorSize(bytes: vector.count) }
        guard let count = Int32(exactly: input.count), output.count - padding >= input.count else {
            throw .inputTooLarge(bytes: input.count, maximum: min(OpenSSL.maximumInput, output.count))
        }
        OpenSSL.clearErrors()
        let keep: Int32 = -1
        try OpenSSL.check(
            EVP_CipherInit_ex(context, nil, nil, nil, vector.baseAddress, keep), "EVP_CipherInit_ex")
        var updated: Int32 = 0
        try OpenSSL.check(
            EVP_CipherUpdate(context, output.baseAddress, &updated, input.baseAddress, count), "EVP_CipherUpdate")
        var finished: Int32 = 0
        guard EVP_CipherFinal_ex(context, output.baseAddress?.advanced(by: Int(updated)), &finished) == 1 else {
            throw finalFailure()
        }
        return Int(updated) + Int(finished)
    }

    /// A last block that cannot be decrypted is the sender's fault, or the key's; nothing else can go wrong there.
    private borrowing func finalFailure() -> CipherError {
        switch direction {
        case .encrypt: OpenSSL.failure("EVP_CipherFinal_ex")
        case .decrypt: .decryptionFailed(detail: "\(OpenSSL.drainedErrors()) (another key, or damaged)")
        }
    }
}
