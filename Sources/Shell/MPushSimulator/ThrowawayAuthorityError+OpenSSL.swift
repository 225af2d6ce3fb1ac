import COpenSSL

extension ThrowawayAuthorityError {
    /// OpenSSL's newest words, with `subject` saying what was being made.
    static func fromOpenSSL(_ subject: String) -> ThrowawayAuthorityError {
        let words = ERR_reason_error_string(ERR_peek_last_error()).map { String(cString: $0) } ?? "refused by OpenSSL"
        ERR_clear_error()
        return ThrowawayAuthorityError(detail: "\(subject): \(words)")
    }
}
