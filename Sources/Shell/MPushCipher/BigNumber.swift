import COpenSSL
import MPushSecret

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
