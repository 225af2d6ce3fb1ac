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

    /// A new `EVP_PKEY_CTX` for the key, of which it holds a reference of its own (EVP_PKEY_CTX_new(3)). The caller
    /// frees it.
    func makeContext() throws(CipherError) -> OpaquePointer {
        OpenSSL.clearErrors()
        return try OpenSSL.made(EVP_PKEY_CTX_new(key, nil), by: "EVP_PKEY_CTX_new")
    }

    /// Bits of the modulus of an RSA key. Costs nothing, however long it is.
    /// - Throws: `malformedKey` where this is a key of another kind.
    func rsaBits() throws(CipherError) -> Int {
        guard EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA else {
            throw .malformedKey(detail: "the key is not an RSA key (it is \(typeName))")
        }
        return Int(EVP_PKEY_get_bits(key))
    }

    /// One of the key's numbers, by its name in EVP_PKEY-RSA(7): `n` and `e`, which
    /// every RSA key has.
    func number(named name: StaticString) throws(CipherError) -> BigNumber {
        OpenSSL.clearErrors()
        var number: OpaquePointer?
        try OpenSSL.check(EVP_PKEY_get_bn_param(key, name.description, &number), "EVP_PKEY_get_bn_param")
        return BigNumber(owning: try OpenSSL.made(number, by: "EVP_PKEY_get_bn_param"))
    }

    /// The public half as an X.509 SubjectPublicKeyInfo (RFC 5280 section 4.1) in DER.
    func publicDER() throws(CipherError) -> [UInt8] {
        OpenSSL.clearErrors()
        let count = i2d_PUBKEY(key, nil)
        guard count > 0 else { throw OpenSSL.failure("i2d_PUBKEY") }
        var der = [UInt8](repeating: 0, count: Int(count))
        let written = der.withUnsafeMutableBufferPointer { buffer in
            // i2d_PUBKEY moves the pointer beyond what it wrote, which is what it said above that it would.
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
