import COpenSSL

/// A session that a client may offer to take up again.
///
/// `@unchecked Sendable`: OpenSSL counts its references atomically, and shares sessions between threads itself; nothing
/// here changes it.
package final class TLSSession: @unchecked Sendable {
    let raw: OpaquePointer

    /// Takes over the caller's reference.
    init(owning raw: OpaquePointer) {
        self.raw = raw
    }

    deinit {
        SSL_SESSION_free(raw)
    }

    /// A ticket of TLS 1.3 used twice lets an onlooker see that both connections are of the same client (RFC 8446
    /// appendix C.4).
    var isForOneUse: Bool {
        SSL_SESSION_get_protocol_version(raw) >= TLS1_3_VERSION
    }

    /// Whether a handshake with it can be accepted, and the certificate that it stands for is still good.
    var isUsable: Bool {
        guard SSL_SESSION_is_resumable(raw) == 1 else { return false }
        return SSL_SESSION_get0_peer(raw).map { !Certificate(retaining: $0).hasEnded } ?? false
    }
}
