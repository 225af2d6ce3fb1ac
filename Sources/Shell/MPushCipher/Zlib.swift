package import NIOCore

/// Compression as MPush's peers do it: one zlib stream (RFC 1950) a body.
package enum Zlib {
    /// What the zlib stream `compressed` holds, if that is at most `maximum` bytes. The room for it grows with what comes
    /// out: never beyond `maximum`, rounded up to the power of two that a ByteBuffer allocates.
    /// - Throws: `badCompressedData` where it is damaged, ends early or is followed by anything; `inflatedTooLarge`.
    package static func inflate(_ compressed: ByteBuffer, maximum: Int) throws(CipherError) -> ByteBuffer {
        guard compressed.readableBytes <= OpenSSL.maximumInput else {
            throw .inputTooLarge(bytes: compressed.readableBytes, maximum: OpenSSL.maximumInput)
        }
        return try InflateStream().inflate(compressed, maximum: max(0, min(maximum, OpenSSL.maximumInput)))
    }

    /// `plain` as a zlib stream, at zlib's default level.
    package static func deflate(_ plain: ByteBuffer) throws(CipherError) -> ByteBuffer {
        guard plain.readableBytes <= OpenSSL.maximumInput else {
            throw .inputTooLarge(bytes: plain.readableBytes, maximum: OpenSSL.maximumInput)
        }
        return try DeflateStream().deflate(plain)
    }
}
