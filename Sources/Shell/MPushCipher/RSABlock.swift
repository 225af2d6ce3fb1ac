import NIOCore

/// How MPush's peers cut what RSA encrypts (PROTOCOL.md section 3). Both sides take the sizes from the key: a block of
/// ciphertext is as long as the modulus, a block of plain text as long as what PKCS#1 v1.5 padding leaves of it.
struct RSABlock {
    /// The modulus that a key can have, in bits.
    static let keyBits = 1024...4096
    /// Bytes of a block that the padding takes at the least (RFC 8017 section 7.2.1).
    private static let paddingSize = 11

    /// Bytes of a block of ciphertext.
    let sealedSize: Int
    /// Bytes of plain text in a block.
    var plainSize: Int { sealedSize - Self.paddingSize }

    /// The blocks of a key with a modulus of `bits`.
    /// - Throws: `wrongRSAKeySize`, also where `bits` are not whole bytes: a server takes `bits / 8` for the size of a
    ///   block, which is a byte less than what such a key makes.
    init(keyBits bits: Int) throws(CipherError) {
        guard Self.keyBits.contains(bits), bits.isMultiple(of: 8) else { throw .wrongRSAKeySize(bits: bits) }
        sealedSize = bits / 8
    }

    /// Runs `operation` over `input` in blocks of `size` bytes, the last one as short as it comes, and joins the results.
    func transform(
        _ input: ByteBuffer, blocksOf size: Int, with operation: borrowing RSAOperation
    ) throws(CipherError) -> ByteBuffer {
        var input = input
        var output = ByteBuffer()
        while let block = input.readSlice(length: min(size, input.readableBytes)), block.readableBytes > 0 {
            try output.writeWithUnsafeMutableBytes(minimumWritableBytes: sealedSize) { room throws(CipherError) in
                try block.withUnsafeReadableBytes { bytes throws(CipherError) in
                    try operation.transform(bytes, into: room)
                }
            }
        }
        return output
    }
}
