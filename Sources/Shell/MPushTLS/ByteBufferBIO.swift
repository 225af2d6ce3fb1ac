import COpenSSL
import NIOCore

/// The ciphertext of one connection on its way in and out: an OpenSSL BIO that reads from one `ByteBuffer` and appends to
/// another. It holds no memory while nothing is on its way.
///
/// It never tells OpenSSL that the peer's bytes have ended: that would be a fatal error to it, and take the session with it.
/// Whoever owns the connection knows the end anyway.
///
/// The BIO points to this object without holding it: whoever frees the BIO must do so before this object goes.
final class ByteBufferBIO {
    /// Received, and not yet taken by OpenSSL.
    private var incoming = ByteBuffer()
    /// Produced by OpenSSL, and not yet sent.
    private var outgoing = ByteBuffer()
    /// What OpenSSL took since it last gave plaintext: at least what it holds of a record that is not whole yet.
    private(set) var takenSincePlaintext = 0
    /// The first bytes that the peer sent: they tell whether it speaks TLS at all.
    private(set) var opening: [UInt8] = []

    private static let openingLength = 8

    /// How much has come in that OpenSSL has not taken.
    var incomingCount: Int { incoming.readableBytes }

    /// A new BIO over this object's buffers; the caller's to free.
    func makeBIO() -> OpaquePointer? {
        guard let bio = BIO_new(ByteBufferBIO.method) else { return nil }
        BIO_set_data(bio, Unmanaged.passUnretained(self).toOpaque())
        BIO_set_init(bio, 1)
        return bio
    }

    /// Appends what the peer sent.
    func receive(_ bytes: ByteBuffer) {
        if opening.count < ByteBufferBIO.openingLength {
            opening += bytes.readableBytesView.prefix(ByteBufferBIO.openingLength - opening.count)
        }
        if incoming.readableBytes == 0 {
            incoming = bytes
        } else {
            var bytes = bytes
            incoming.writeBuffer(&bytes)
        }
    }

    /// Takes all that waits to be sent; nil if nothing does.
    func takeOutgoing() -> ByteBuffer? {
        guard outgoing.readableBytes > 0 else { return nil }
        defer { outgoing = ByteBuffer() }
        return outgoing
    }

    /// Makes room for `count` more bytes at once, where OpenSSL would ask for it record by record.
    func reserveOutgoing(_ count: Int) {
        outgoing.reserveCapacity(minimumWritableBytes: count)
    }

    /// OpenSSL gave plaintext.
    func plaintextGiven() {
        takenSincePlaintext = 0
    }

    fileprivate func take(into target: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(target.count, incoming.readableBytes)
        incoming.readWithUnsafeReadableBytes { source in
            target.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[..<count]))
            return count
        }
        // The buffer is NIO's; it reuses it for its next read once nobody else holds it.
        if incoming.readableBytes == 0 { incoming = ByteBuffer() }
        takenSincePlaintext += count
        return count
    }

    fileprivate func append(_ bytes: UnsafeRawBufferPointer) {
        outgoing.writeBytes(bytes)
    }
}

extension ByteBufferBIO {
    /// `nonisolated(unsafe)`: made once, and only read from then on. Nil only when memory ran out.
    nonisolated(unsafe) private static let method: OpaquePointer? = {
        guard let method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "ByteBuffer") else { return nil }
        BIO_meth_set_read(method, read)
        BIO_meth_set_write(method, write)
        BIO_meth_set_ctrl(method, control)
        return method
    }()

    private static func of(_ bio: OpaquePointer?) -> ByteBufferBIO? {
        BIO_get_data(bio).map { Unmanaged<ByteBufferBIO>.fromOpaque($0).takeUnretainedValue() }
    }

    private static let read: @convention(c) (OpaquePointer?, UnsafeMutablePointer<CChar>?, Int32) -> Int32 = {
        bio, target, capacity in
        guard let object = of(bio), let target, capacity > 0 else { return 0 }
        BIO_clear_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY)
        let count = object.take(into: UnsafeMutableRawBufferPointer(start: target, count: Int(capacity)))
        if count > 0 { return Int32(count) }
        BIO_set_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY)
        return -1
    }

    private static let write: @convention(c) (OpaquePointer?, UnsafePointer<CChar>?, Int32) -> Int32 = {
        bio, source, count in
        guard let object = of(bio), let source, count > 0 else { return 0 }
        BIO_clear_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY)
        object.append(UnsafeRawBufferPointer(start: source, count: Int(count)))
        return count
    }

    private static let control: @convention(c) (OpaquePointer?, Int32, Int, UnsafeMutableRawPointer?) -> Int = {
        bio, command, _, _ in
        guard let object = of(bio) else { return 0 }
        switch command {
        case BIO_CTRL_FLUSH: return 1
        case BIO_CTRL_PENDING: return object.incomingCount
        default: return 0
        }
    }
}
