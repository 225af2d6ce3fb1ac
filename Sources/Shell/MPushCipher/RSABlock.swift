import NIOCore

/// How MPush's peers cut what RSA encrypts (PROTOCOL.md section 3).
enum RSABlock {
    /// Bits of the modulus.
    static let keyBits = 1024
    /// Bytes of plain text in a block: what PKCS#1 v1.5 padding leaves (RFC 8017 section 7.2.1).
    static let plainSize = 117
    /// Bytes of a block of ciphertext.
    static let sealedSize = 128

    /// Runs `operation` over `input` in blocks of `size` bytes, the last one as short as it comes, and joins the results.
    static func transform(
        _ input: ByteBuffer, blocksOf size: Int, with operation: borrowing RSAOperation
    ) throws(CipherError) -> ByteBuffer {
        var input = input
        var output = ByteBuffer()
        output.reserveCapacity((input.readableBytes + size - 1) / size * sealedSize)
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
