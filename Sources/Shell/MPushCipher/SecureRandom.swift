import COpenSSL
package import MPushModel

/// Randomness for keys, and for what only has to differ.
package enum SecureRandom {
    /// `count` bytes that nobody can guess, for keys and initialisation vectors (RAND_priv_bytes(3)).
    /// - Throws: `openSSL` where there is no randomness to be had; the bytes must not be made up then.
    package static func bytes(_ count: Int) throws(CipherError) -> SecretBytes {
        guard count <= OpenSSL.maximumInput, let length = Int32(exactly: max(0, count)) else {
            throw .inputTooLarge(bytes: count, maximum: OpenSSL.maximumInput)
        }
        OpenSSL.clearErrors()
        return try SecretBytes(count: count) { room throws(CipherError) in
            try OpenSSL.check(RAND_priv_bytes(room.baseAddress, length), "RAND_priv_bytes")
        }
    }

    /// A seed for the generators of jitter and of the order of endpoints. Where OpenSSL has none to give, the kernel has
    /// (getrandom(2)): it need only differ.
    package static func seed() -> UInt64 {
        var bytes = [UInt8](repeating: 0, count: MemoryLayout<UInt64>.size)
        guard RAND_bytes(&bytes, Int32(bytes.count)) == 1 else { return UInt64.random(in: .min ... .max) }
        return bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}
