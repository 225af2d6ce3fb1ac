import CZlib
import NIOCore

/// A `z_stream` that inflates one stream. It lies on the heap, because zlib's state points back to it.
struct InflateStream: ~Copyable {
    private let stream: UnsafeMutablePointer<z_stream>

    init() throws(CipherError) {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let status = czlib_inflateInit(stream)
        guard status == Z_OK else {
            stream.deallocate()
            throw .zlib(operation: "inflateInit", detail: "status \(status)")
        }
        self.stream = stream
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// The whole of the compressed bytes. They must stay where they are until the last call of `inflate`.
    borrowing func setInput(_ input: UnsafeRawBufferPointer) {
        stream.pointee.next_in = input.assumingMemoryBound(to: UInt8.self).baseAddress
        stream.pointee.avail_in = UInt32(clamping: input.count)
    }

    /// Inflates until `output` holds `capacity` bytes or the stream ends; true at the end.
    /// - Throws: `inflatedTooLarge` where `output` holds `maximum` bytes already and the stream goes on.
    borrowing func inflate(
        into output: inout ByteBuffer, upTo capacity: Int, maximum: Int
    ) throws(CipherError) -> Bool {
        let wasFull = output.readableBytes == maximum
        let room = capacity - output.readableBytes
        var status = Z_OK
        output.writeWithUnsafeMutableBytes(minimumWritableBytes: max(1, room)) { buffer in
            stream.pointee.next_out = buffer.assumingMemoryBound(to: UInt8.self).baseAddress
            stream.pointee.avail_out = UInt32(clamping: room)
            // Z_FINISH: where all fits at once, zlib needs no window of its own.
            status = CZlib.inflate(stream, Z_FINISH)
            return room - Int(stream.pointee.avail_out)
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
            throw .badCompressedData(detail: stream.pointee.msg.map { String(cString: $0) } ?? "status \(status)")
        }
    }
}
