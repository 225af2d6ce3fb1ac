import COpenSSL

/// Owns an `EVP_PKEY`.
///
/// `@unchecked Sendable`: nothing changes the key once it is made, and OpenSSL allows several threads to use one
/// `EVP_PKEY` that nobody changes, each through a context of its own (openssl-threads(7)).
final class PKey: @unchecked Sendable {
    private let key: OpaquePointer

    /// Takes over `key`, which must be used nowhere else.
    init(owning key: OpaquePointer) {
        self.key = key
    }

    /// Frees the key; OpenSSL wipes a private one.
    deinit {
        EVP_PKEY_free(key)
    }

    /// Lends the key to `body`. It must not be kept beyond it.
    func withPointer<Result>(_ body: (OpaquePointer) throws(CipherError) -> Result) throws(CipherError) -> Result {
        try withExtendedLifetime(self) { () throws(CipherError) in try body(key) }
    }

    /// Throws unless this is an RSA key of the size that MPush's peers use.
    func checkRSA() throws(CipherError) {
        guard EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA else {
            throw .malformedKey(detail: "the key is not an RSA key (it is \(typeName))")
        }
        let bits = Int(EVP_PKEY_get_bits(key))
        guard bits == RSABlock.keyBits else { throw .wrongRSAKeySize(bits: bits) }
    }

    /// The public half as an X.509 SubjectPublicKeyInfo (RFC 5280 section 4.1) in DER.
    func publicDER() throws(CipherError) -> [UInt8] {
        OpenSSL.clearErrors()
        let count = i2d_PUBKEY(key, nil)
        guard count > 0 else { throw OpenSSL.failure("i2d_PUBKEY") }
        var der = [UInt8](repeating: 0, count: Int(count))
        let written = der.withUnsafeMutableBufferPointer { buffer in
            var position = buffer.baseAddress
            return i2d_PUBKEY(key, &position)
        }
        guard written == count else { throw OpenSSL.failure("i2d_PUBKEY") }
        return der
    }

    private var typeName: String {
        EVP_PKEY_get0_type_name(key).map { String(cString: $0) } ?? "of an unknown type"
    }
}
