import COpenSSL

/// The numbers of an RSA key on their way into OpenSSL (OSSL_PARAM_BLD(3), EVP_PKEY_fromdata(3)).
struct RSAParameters: ~Copyable {
    private let builder: OpaquePointer
    /// The builder refers to them until the key is made.
    private var numbers: [OpaquePointer] = []

    init() throws(CipherError) {
        OpenSSL.clearErrors()
        builder = try OpenSSL.made(OSSL_PARAM_BLD_new(), by: "OSSL_PARAM_BLD_new")
    }

    deinit {
        for number in numbers { BN_clear_free(number) }
        OSSL_PARAM_BLD_free(builder)
    }

    /// Adds the number that `bytes` are, the most significant first, as the parameter `name`.
    mutating func push(_ bytes: some Collection<UInt8>, as name: String) throws(CipherError) {
        guard bytes.count <= RSABlock.sealedSize * 2 else {
            throw .malformedKey(detail: "a number of \(bytes.count) bytes is too long for the key")
        }
        let number =
            bytes.withContiguousStorageIfAvailable(Self.number)
            ?? Array(bytes).withUnsafeBufferPointer(Self.number)
        numbers.append(try OpenSSL.made(number, by: "BN_bin2bn"))
        try OpenSSL.check(OSSL_PARAM_BLD_push_BN(builder, name, number), "OSSL_PARAM_BLD_push_BN")
    }

    /// The key pair of the numbers pushed.
    consuming func keyPair() throws(CipherError) -> PKey {
        OpenSSL.clearErrors()
        let parameters = try OpenSSL.made(OSSL_PARAM_BLD_to_param(builder), by: "OSSL_PARAM_BLD_to_param")
        defer { OSSL_PARAM_free(parameters) }
        let context = try OpenSSL.made(EVP_PKEY_CTX_new_from_name(nil, "RSA", nil), by: "EVP_PKEY_CTX_new_from_name")
        defer { EVP_PKEY_CTX_free(context) }
        try OpenSSL.check(EVP_PKEY_fromdata_init(context), "EVP_PKEY_fromdata_init")
        var key: OpaquePointer?
        guard copenssl_PKEY_keypair_fromdata(context, &key, parameters) == 1, let key else {
            throw .malformedKey(detail: "the numbers make no RSA key: \(OpenSSL.drainedErrors())")
        }
        return PKey(owning: key)
    }

    private static func number(_ bytes: UnsafeBufferPointer<UInt8>) -> OpaquePointer? {
        BN_bin2bn(bytes.baseAddress, Int32(bytes.count), nil)
    }
}
