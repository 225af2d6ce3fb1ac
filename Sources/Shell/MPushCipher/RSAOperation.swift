import COpenSSL

/// An `EVP_PKEY_CTX` that is set up to encrypt or decrypt with PKCS#1 v1.5 padding (EVP_PKEY_encrypt(3)).
struct RSAOperation: ~Copyable {
    enum Direction: String {
        case encrypt
        case decrypt
    }

    private let context: OpaquePointer
    private let direction: Direction

    /// The context holds a reference to OpenSSL's key, so `key` need not outlive it.
    init(_ direction: Direction, with key: PKey) throws(CipherError) {
        OpenSSL.clearErrors()
        let context = try key.withPointer { pointer throws(CipherError) in
            try OpenSSL.made(EVP_PKEY_CTX_new(pointer, nil), by: "EVP_PKEY_CTX_new")
        }
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

    /// Encrypts or decrypts one block into `output`, which has room for `RSABlock.sealedSize` bytes, and returns the
    /// length of the result.
    borrowing func transform(
        _ block: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(CipherError) -> Int {
        OpenSSL.clearErrors()
        let input = block.assumingMemoryBound(to: UInt8.self)
        let room = output.assumingMemoryBound(to: UInt8.self)
        var length = room.count
        switch direction {
        case .encrypt:
            let status = EVP_PKEY_encrypt(context, room.baseAddress, &length, input.baseAddress, input.count)
            try OpenSSL.check(status, "EVP_PKEY_encrypt")
        case .decrypt:
            let status = EVP_PKEY_decrypt(context, room.baseAddress, &length, input.baseAddress, input.count)
            guard status == 1 else { throw .decryptionFailed(detail: OpenSSL.drainedErrors()) }
        }
        return length
    }
}
