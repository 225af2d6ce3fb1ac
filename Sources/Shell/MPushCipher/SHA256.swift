import COpenSSL
package import MPushModel

/// The hash of FIPS 180-4.
package enum SHA256 {
    /// Bytes of a hash.
    package static let size = 32

    /// The 32 bytes of the hash of `bytes`.
    /// - Throws: `openSSL` only.
    package static func hash(_ bytes: some Collection<UInt8>) throws(CipherError) -> [UInt8] {
        OpenSSL.clearErrors()
        var hash = [UInt8](repeating: 0, count: size)
        var written: UInt32 = 0
        let status =
            bytes.withContiguousStorageIfAvailable { digest($0, into: &hash, &written) }
            ?? Array(bytes).withUnsafeBufferPointer { digest($0, into: &hash, &written) }
        try OpenSSL.check(status == 1 && Int(written) == size ? 1 : 0, "EVP_Digest")
        return hash
    }

    private static func digest(
        _ bytes: UnsafeBufferPointer<UInt8>, into hash: inout [UInt8], _ written: inout UInt32
    ) -> Int32 {
        EVP_Digest(bytes.baseAddress, bytes.count, &hash, &written, copenssl_sha256(), nil)
    }
}

/// The keyed hash of RFC 2104 over SHA-256.
package enum HMACSHA256 {
    /// The 32 bytes of the code of `bytes` under `key`, which may be of any length.
    /// - Throws: `openSSL` only.
    package static func code(of bytes: [UInt8], key: SecretBytes) throws(CipherError) -> [UInt8] {
        guard let keyLength = Int32(exactly: key.count) else {
            throw .inputTooLarge(bytes: key.count, maximum: OpenSSL.maximumInput)
        }
        OpenSSL.clearErrors()
        var code = [UInt8](repeating: 0, count: SHA256.size)
        var written: UInt32 = 0
        let isMade = key.withUnsafeBytes { key in
            HMAC(EVP_sha256(), key.baseAddress, keyLength, bytes, bytes.count, &code, &written) != nil
        }
        try OpenSSL.check(isMade && Int(written) == SHA256.size ? 1 : 0, "HMAC")
        return code
    }
}
