import CZlib
import NIOCore

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
