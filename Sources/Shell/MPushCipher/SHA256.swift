import COpenSSL

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
