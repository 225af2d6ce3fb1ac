import COpenSSL

/// The oldest entry of OpenSSL's error queue of this thread: the one that says what went wrong first.
struct OpenSSLError: Equatable {
    /// The part of OpenSSL that reported it (`ERR_LIB_SSL` ...).
    let library: Int32
    /// Its reason within that library (`SSL_R_...`).
    let reason: Int32
    /// OpenSSL's words for the reason.
    let text: String

    /// Must be called before each call whose errors are looked at: the queue outlives calls and connections. Looking first
    /// is much cheaper than clearing, and it is almost always empty.
    static func clearQueue() {
        if ERR_peek_error() != 0 { ERR_clear_error() }
    }

    /// Takes the oldest error and empties the queue; nil if there was none.
    static func takeFirst() -> OpenSSLError? {
        let code = ERR_get_error()
        guard code != 0 else { return nil }
        ERR_clear_error()
        return OpenSSLError(
            library: ERR_GET_LIB(code), reason: ERR_GET_REASON(code),
            text: ERR_reason_error_string(code).map { String(cString: $0) } ?? "error \(code)")
    }

    /// The words of the oldest error, for the detail of a message.
    static func takeText() -> String {
        takeFirst()?.text ?? ""
    }

    func isTLS(_ reasons: Int32...) -> Bool {
        library == Int32(ERR_LIB_SSL) && reasons.contains(reason)
    }
}
