import COpenSSL
import MPushSecret

/// Owns a `BIGNUM`: one of the numbers of an RSA key.
struct BigNumber: ~Copyable {
    /// The most bytes of a number, well beyond those of the keys that MPush's peers use.
    private static let maximumLength = RSABlock.sealedSize * 2

    /// To be used while this lives.
    let number: OpaquePointer

    /// The number that `bytes` are, the most significant first.
    init(_ bytes: some Collection<UInt8>) throws(CipherError) {
        try self.init(SecretBytes(bytes.prefix(Self.maximumLength + 1)))
    }

    /// The number that `bytes` are, the most significant first.
    init(_ bytes: SecretBytes) throws(CipherError) {
        guard bytes.count <= Self.maximumLength else {
            throw .malformedKey(detail: "a number of the key is longer than \(Self.maximumLength) bytes")
        }
        OpenSSL.clearErrors()
        let number = bytes.withUnsafeBytes { bytes in
            BN_bin2bn(bytes.assumingMemoryBound(to: UInt8.self).baseAddress, Int32(bytes.count), nil)
        }
        self.number = try OpenSSL.made(number, by: "BN_bin2bn")
    }

    /// Wipes it.
    deinit {
        BN_clear_free(number)
    }
}
