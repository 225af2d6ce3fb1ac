import CZlib
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

/// A `z_stream` that inflates one stream. It lies on the heap, because zlib's state points back to it.
struct InflateStream: ~Copyable {
    private let stream: UnsafeMutablePointer<z_stream>

    init() throws(CipherError) {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let status = czlib_inflateInit(stream)
        guard status == Z_OK else {
            stream.deallocate()
            throw .zlib(operation: "inflateInit", detail: String(cString: zError(status)))
        }
        self.stream = stream
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// What the whole of `compressed` holds, if that is at most `maximum` bytes, which is not negative. Both are at most
    /// `OpenSSL.maximumInput`. To be called once.
    consuming func inflate(_ compressed: ByteBuffer, maximum: Int) throws(CipherError) -> ByteBuffer {
        var output = ByteBuffer()
        try compressed.withUnsafeReadableBytes { input throws(CipherError) in
            // zlib reads of `input` until the last call below, and is freed with `self` without another look at it.
            czlib_setInput(stream, input.baseAddress, try Self.count(input.count))
            var capacity = min(maximum, max(1024, min(input.count, maximum) * 4))
            while try !inflate(into: &output, upTo: capacity, maximum: maximum) {
                capacity = min(maximum, capacity * 2)
            }
        }
        return output
    }

    /// Inflates until `output` holds `capacity` bytes or the stream ends; true at the end.
    /// - Throws: `inflatedTooLarge` where `output` holds `maximum` bytes already and the stream goes on.
    private borrowing func inflate(
        into output: inout ByteBuffer, upTo capacity: Int, maximum: Int
    ) throws(CipherError) -> Bool {
        let wasFull = output.readableBytes == maximum
        let room = try Self.count(capacity - output.readableBytes)
        var status = Z_OK
        output.writeWithUnsafeMutableBytes(minimumWritableBytes: max(1, Int(room))) { buffer in
            czlib_setOutput(stream, buffer.baseAddress, room)
            // Z_FINISH: where all fits at once, zlib needs no window of its own.
            status = CZlib.inflate(stream, Z_FINISH)
            return Int(room - min(room, stream.pointee.avail_out))
        }
        let ended = try isAtEnd(status)
        guard ended || !wasFull else { throw .inflatedTooLarge(maximum: maximum) }
        return ended
    }

    /// Whether the stream has ended, as zlib's answer and what it left over say. Throws where it never will.
    private borrowing func isAtEnd(_ status: Int32) throws(CipherError) -> Bool {
        switch status {
        case Z_STREAM_END where stream.pointee.avail_in == 0:
            return true
        case Z_STREAM_END:
            throw .badCompressedData(detail: "\(stream.pointee.avail_in) bytes follow the end of the stream")
        case Z_OK, Z_BUF_ERROR:
            // Four bytes of checksum are read last, so a stream that goes on has input left.
            guard stream.pointee.avail_in > 0 else { throw .badCompressedData(detail: "the stream ends early") }
            return false
        case Z_MEM_ERROR:
            throw .zlib(operation: "inflate", detail: "no memory")
        default:
            // A text of zlib's own, for as long as the program runs.
            throw .badCompressedData(
                detail: stream.pointee.msg.map { String(cString: $0) } ?? String(cString: zError(status)))
        }
    }

    /// `count` as zlib counts.
    private static func count(_ count: Int) throws(CipherError) -> UInt32 {
        guard let count = UInt32(exactly: count) else {
            throw .inputTooLarge(bytes: count, maximum: OpenSSL.maximumInput)
        }
        return count
    }
}

/// A `z_stream` that deflates one stream. It lies on the heap, because zlib's state points back to it.
struct DeflateStream: ~Copyable {
    private let stream: UnsafeMutablePointer<z_stream>

    init() throws(CipherError) {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let status = czlib_deflateInit(stream, Z_DEFAULT_COMPRESSION)
        guard status == Z_OK else {
            stream.deallocate()
            throw .zlib(operation: "deflateInit", detail: String(cString: zError(status)))
        }
        self.stream = stream
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// The stream that holds `plain`, which is at most `OpenSSL.maximumInput` bytes long. To be called once.
    consuming func deflate(_ plain: ByteBuffer) throws(CipherError) -> ByteBuffer {
        let bound = Int(clamping: deflateBound(stream, UInt(clamping: plain.readableBytes)))
        var output = ByteBuffer()
        try output.writeWithUnsafeMutableBytes(minimumWritableBytes: bound) { room throws(CipherError) in
            try plain.withUnsafeReadableBytes { input throws(CipherError) in
                try finish(input, into: room)
            }
        }
        return output
    }

    /// Deflates all of `input` in one call, and returns how many bytes of `room` it took.
    private borrowing func finish(
        _ input: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer
    ) throws(CipherError) -> Int {
        guard let count = UInt32(exactly: input.count) else {
            throw .inputTooLarge(bytes: input.count, maximum: OpenSSL.maximumInput)
        }
        let capacity = UInt32(clamping: room.count)
        czlib_setInput(stream, input.baseAddress, count)
        czlib_setOutput(stream, room.baseAddress, capacity)
        let status = CZlib.deflate(stream, Z_FINISH)
        guard status == Z_STREAM_END else { throw .zlib(operation: "deflate", detail: String(cString: zError(status))) }
        return Int(capacity - min(capacity, stream.pointee.avail_out))
    }
}
