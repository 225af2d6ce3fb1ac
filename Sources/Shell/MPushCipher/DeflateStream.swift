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
            throw .zlib(operation: "deflateInit", detail: "status \(status)")
        }
        self.stream = stream
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// The stream that holds `plain`, which is at most `OpenSSL.maximumInput` bytes long. To be called once.
    consuming func deflate(_ plain: ByteBuffer) throws(CipherError) -> ByteBuffer {
        let bound = Int(deflateBound(stream, UInt(plain.readableBytes)))
        var output = ByteBuffer()
        try output.writeWithUnsafeMutableBytes(minimumWritableBytes: bound) { room throws(CipherError) in
            try plain.withUnsafeReadableBytes { input throws(CipherError) in
                try finish(input, into: room)
            }
        }
        return output
    }

    private borrowing func finish(
        _ input: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer
    ) throws(CipherError) -> Int {
        stream.pointee.next_in = input.assumingMemoryBound(to: UInt8.self).baseAddress
        stream.pointee.avail_in = UInt32(clamping: input.count)
        stream.pointee.next_out = room.assumingMemoryBound(to: UInt8.self).baseAddress
        stream.pointee.avail_out = UInt32(clamping: room.count)
        let status = CZlib.deflate(stream, Z_FINISH)
        guard status == Z_STREAM_END else { throw .zlib(operation: "deflate", detail: "status \(status)") }
        return Int(stream.pointee.total_out)
    }
}
