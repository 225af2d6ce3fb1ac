import COpenSSL
import NIOCore

/// How MPush's peers cut what RSA encrypts (PROTOCOL.md section 3). Both sides take the sizes from the key: a block of
/// ciphertext is as long as the modulus, a block of plain text as long as what PKCS#1 v1.5 padding leaves of it.
struct RSABlock {
    /// The modulus that a key can have, in bits.
    static let keyBits = 1024...4096
    /// Bytes of a block that the padding takes at the least (RFC 8017 section 7.2.1).
    private static let paddingSize = 11

    /// Bytes of a block of ciphertext.
    let sealedSize: Int
    /// Bytes of plain text in a block.
    var plainSize: Int { sealedSize - Self.paddingSize }

    /// The blocks of a key with a modulus of `bits`.
    /// - Throws: `wrongRSAKeySize`, also where `bits` are not whole bytes: a server takes `bits / 8` for the size of a
    ///   block, which is a byte less than what such a key makes.
    init(keyBits bits: Int) throws(CipherError) {
        guard Self.keyBits.contains(bits), bits.isMultiple(of: 8) else { throw .wrongRSAKeySize(bits: bits) }
        sealedSize = bits / 8
    }

    /// Runs `operation` over `input` in blocks of `size` bytes, the last one as short as it comes, and joins the results.
    func transform(
        _ input: ByteBuffer, blocksOf size: Int, with operation: borrowing RSAOperation
    ) throws(CipherError) -> ByteBuffer {
        var input = input
        var output = ByteBuffer()
        while let block = input.readSlice(length: min(size, input.readableBytes)), block.readableBytes > 0 {
            try output.writeWithUnsafeMutableBytes(minimumWritableBytes: sealedSize) { room throws(CipherError) in
                try block.withUnsafeReadableBytes { bytes throws(CipherError) in
                    try operation.transform(bytes, into: room)
                }
            }
        }
        return output
    }
}

/// An `EVP_PKEY_CTX` that is set up to encrypt or decrypt with PKCS#1 v1.5 padding (EVP_PKEY_encrypt(3)). Each block
/// begins anew: the context keeps nothing of the one before.
struct RSAOperation: ~Copyable {
    enum Direction: String {
        case encrypt
        case decrypt
    }

    private let context: OpaquePointer
    private let direction: Direction

    /// The context holds a reference to OpenSSL's key, so `key` need not outlive it.
    init(_ direction: Direction, with key: PKey) throws(CipherError) {
        let context = try key.makeContext()
        guard Self.setUp(context, to: direction) else {
            EVP_PKEY_CTX_free(context)
            throw OpenSSL.failure("EVP_PKEY_\(direction)_init")
        }
        self.context = context
        self.direction = direction
    }

    private static func setUp(_ context: OpaquePointer, to direction: Direction) -> Bool {
        let status =
            switch direction {
            case .encrypt: EVP_PKEY_encrypt_init(context)
            case .decrypt: EVP_PKEY_decrypt_init(context)
            }
        return status == 1 && EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1
    }

    deinit {
        EVP_PKEY_CTX_free(context)
    }

    /// Encrypts or decrypts one block into `output`, and returns the length of the result. OpenSSL writes no more than
    /// `output` has room for, and fails where that is less than the modulus is long.
    borrowing func transform(
        _ block: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(CipherError) -> Int {
        OpenSSL.clearErrors()
        var length = output.count
        switch direction {
        case .encrypt:
            let status = EVP_PKEY_encrypt(context, output.baseAddress, &length, block.baseAddress, block.count)
            try OpenSSL.check(status, "EVP_PKEY_encrypt")
        case .decrypt:
            let status = EVP_PKEY_decrypt(context, output.baseAddress, &length, block.baseAddress, block.count)
            guard status == 1 else { throw .decryptionFailed(detail: OpenSSL.drainedErrors()) }
        }
        guard (0...output.count).contains(length) else {
            throw .openSSL(operation: "EVP_PKEY_\(direction)", detail: "\(length) bytes were written")
        }
        return length
    }
}
