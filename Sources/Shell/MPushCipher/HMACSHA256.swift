import COpenSSL
package import MPushSecret

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
