import COpenSSL

/// OpenSSL's error queue, and its habits of counting.
enum OpenSSL {
    /// The most bytes that one call takes: OpenSSL counts in C's `int`. What a ciphertext adds still fits a ByteBuffer.
    static let maximumInput = Int(Int32.max) - 16

    /// Forgets the errors that others left in the queue of this thread. To be called before each operation, so that
    /// what is in the queue after it is its own. Clearing costs as much as decrypting a short message, looking does not.
    @inline(__always)
    static func clearErrors() {
        if ERR_peek_error() != 0 { ERR_clear_error() }
    }

    /// Throws what the queue holds unless `status`, of the call `operation`, says success (1).
    @inline(__always)
    static func check(_ status: Int32, _ operation: StaticString) throws(CipherError) {
        guard status == 1 else { throw failure(operation.description) }
    }

    /// The object that the call `operation` made; throws what the queue holds where it made none.
    static func made<Object>(_ object: Object?, by operation: StaticString) throws(CipherError) -> Object {
        guard let object else { throw failure(operation.description) }
        return object
    }

    /// The error for the failed call `operation`, emptying the queue.
    static func failure(_ operation: String) -> CipherError {
        .openSSL(operation: operation, detail: drainedErrors())
    }

    /// The reasons in the queue, the oldest first, in OpenSSL's words. Empties it, so that a TLS connection of this
    /// thread does not take them for its own.
    static func drainedErrors() -> String {
        var reasons: [String] = []
        while case let code = ERR_get_error(), code != 0 { reasons.append(reason(code)) }
        return reasons.isEmpty ? "no reason given" : reasons.joined(separator: "; ")
    }

    private static func reason(_ code: UInt) -> String {
        guard let text = ERR_reason_error_string(code) else { return "error \(String(code, radix: 16))" }
        return String(cString: text)
    }
}
