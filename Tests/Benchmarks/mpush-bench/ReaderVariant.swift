/// What the bare reader does: see its source.
enum ReaderVariant: String, CaseIterable {
    /// OpenSSL's SSL_read in a loop.
    case bare
    /// The same, with read-ahead.
    case ahead
    /// And each frame is found, and its body decrypted.
    case frames
}
