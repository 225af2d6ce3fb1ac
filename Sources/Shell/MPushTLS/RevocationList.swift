import COpenSSL

/// One certificate revocation list (RFC 5280 section 5).
final class RevocationList {
    let raw: OpaquePointer

    /// Takes over the caller's reference.
    init(owning raw: OpaquePointer) {
        self.raw = raw
    }

    deinit {
        X509_CRL_free(raw)
    }
}
