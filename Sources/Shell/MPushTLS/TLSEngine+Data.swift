import COpenSSL
import MPushCause
package import NIOCore

extension TLSEngine {
    /// How much plaintext one read gives at most: what NIO reads from a socket at once.
    package static let mostPerRead = 65_536

    /// Takes what the peer sent.
    package func receive(_ ciphertext: ByteBuffer) {
        bio.receive(ciphertext)
    }

    /// What is to be sent to the peer; nil if there is nothing.
    package func takeOutput() -> ByteBuffer? {
        bio.takeOutgoing()
    }

    /// Appends the plaintext of all that came in to `plaintext`, `mostPerRead` bytes at most. What was appended before
    /// something is thrown is good and belongs to the caller.
    package func read(into plaintext: inout ByteBuffer) throws(TLSError) -> ReadOutcome {
        while bio.incomingCount > 0 || SSL_has_pending(ssl) == 1 {
            let room = min(roomNeeded, TLSEngine.mostPerRead - plaintext.readableBytes)
            if room <= 0 { return .hasMore }
            let step = readOnce(into: &plaintext, room: room)
            if step.count == 0 { return try outcome(of: step.result) }
        }
        return .wantsInput
    }

    /// Plaintext is never longer than its ciphertext, so that this much is enough for all records that are whole.
    private var roomNeeded: Int {
        max(bio.incomingCount + bio.takenSincePlaintext, Int(SSL_pending(ssl)), 1)
    }

    /// One record, or a part of one.
    private func readOnce(into plaintext: inout ByteBuffer, room: Int) -> (result: Int32, count: Int) {
        OpenSSLError.clearQueue()
        var count = 0
        var result: Int32 = 0
        plaintext.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { target in
            result = SSL_read_ex(ssl, target.baseAddress, min(target.count, room), &count)
            return result == 1 ? count : 0
        }
        guard result == 1 else { return (result, 0) }
        hasReadPlaintext = true
        bio.plaintextGiven()
        return (result, count)
    }

    private func outcome(of result: Int32) throws(TLSError) -> ReadOutcome {
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ: return .wantsInput
        case SSL_ERROR_ZERO_RETURN: return .closed
        default: throw fail()
        }
    }

    /// Encrypts all of `plaintext`. Only after the handshake.
    package func write(_ plaintext: ByteBuffer) throws(TLSError) {
        guard plaintext.readableBytes > 0 else { return }
        OpenSSLError.clearQueue()
        bio.reserveOutgoing(TLSEngine.encryptedSize(of: plaintext.readableBytes))
        let written = plaintext.withUnsafeReadableBytes { source in
            var count = 0
            return SSL_write_ex(ssl, source.baseAddress, source.count, &count) == 1 && count == source.count
        }
        if !written { throw fail() }
    }

    /// An upper bound of what becomes of `count` bytes: each record of 16 KiB grows by its header and seal.
    private static func encryptedSize(of count: Int) -> Int {
        let records = count / Int(SSL3_RT_MAX_PLAIN_LENGTH) + 1
        let (size, overflow) = count.addingReportingOverflow(records * 64)
        return overflow ? count : size
    }

    /// Makes the close_notify that tells the peer that nothing more comes. Nothing may be written after it.
    package func closeNotify() {
        guard isEstablished, !hasFailed else { return }
        OpenSSLError.clearQueue()
        if SSL_shutdown(ssl) < 0 { OpenSSLError.clearQueue() }
    }
}
