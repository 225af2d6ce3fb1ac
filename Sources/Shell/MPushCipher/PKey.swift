import COpenSSL
import MPushModel

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

extension PKey {
    /// Throws unless this is an RSA public key that keeps what is encrypted with it secret, as far as that can be seen
    /// of it. What costs little comes first: a modulus beyond all bounds is refused before anything is computed with it.
    /// - Returns: How what it encrypts is cut.
    /// - Throws: `malformedKey` or `wrongRSAKeySize`.
    func checkPublicRSA() throws(CipherError) -> RSABlock {
        let block = try RSABlock(keyBits: rsaBits())
        try checkNumbers()
        try checkByOpenSSL()
        return block
    }

    /// What OpenSSL looks at late, not at all, or says no word about (RFC 8017 section 3.1).
    private func checkNumbers() throws(CipherError) {
        let modulus = try number(named: "n")
        let exponent = try number(named: "e")
        guard modulus.isOdd else { throw Self.useless("its modulus is even") }
        guard exponent.isOdd else { throw Self.useless("its public exponent is even") }
        guard !exponent.isOne else { throw Self.useless("its public exponent is 1, which encrypts nothing") }
        guard exponent < modulus else { throw Self.useless("its public exponent is not below its modulus") }
    }

    /// Among others: the modulus is a prime, the power of one, or has a small factor (EVP_PKEY_public_check(3)).
    private func checkByOpenSSL() throws(CipherError) {
        let context = try makeContext()
        defer { EVP_PKEY_CTX_free(context) }
        guard EVP_PKEY_public_check(context) == 1 else { throw Self.useless(OpenSSL.drainedErrors()) }
    }

    private static func useless(_ reason: String) -> CipherError {
        .malformedKey(detail: "the RSA key is not secure: \(reason)")
    }
}

/// Owns a `BIGNUM`: one of the numbers of an RSA key.
struct BigNumber: ~Copyable {
    /// The most bytes of a number: those of the longest modulus.
    private static let maximumLength = RSABlock.keyBits.upperBound / 8

    /// To be used while this lives.
    let number: OpaquePointer

    /// Takes over `number`, a copy that is nobody else's.
    init(owning number: OpaquePointer) {
        self.number = number
    }

    /// The number that `bytes` are, the most significant first.
    init(_ bytes: some Collection<UInt8>) throws(CipherError) {
        try self.init(SecretBytes(bytes.prefix(Self.maximumLength + 1)))
    }

    /// The number that `bytes` are, the most significant first.
    init(_ bytes: SecretBytes) throws(CipherError) {
        guard bytes.count <= Self.maximumLength, let count = Int32(exactly: bytes.count) else {
            throw .malformedKey(detail: "a number of the key is longer than \(Self.maximumLength) bytes")
        }
        OpenSSL.clearErrors()
        let number = bytes.withUnsafeBytes { BN_bin2bn($0.baseAddress, count, nil) }
        self.number = try OpenSSL.made(number, by: "BN_bin2bn")
    }

    var isOdd: Bool { BN_is_odd(number) == 1 }

    var isOne: Bool { BN_is_one(number) == 1 }

    static func < (left: borrowing BigNumber, right: borrowing BigNumber) -> Bool {
        BN_cmp(left.number, right.number) < 0
    }

    /// Wipes it.
    deinit {
        BN_clear_free(number)
    }
}
