import COpenSSL
package import MPushModel

/// A session that a client may offer to take up again.
///
/// `@unchecked Sendable`: OpenSSL counts its references atomically, and shares sessions between threads itself; nothing
/// here changes it.
package final class TLSSession: @unchecked Sendable {
    /// What the trust in a server rests on that a session stands for: a resumed handshake shows no certificate.
    package enum Foundation: Equatable, Sendable {
        /// A chain that was verified. `end`: when the first of its certificates ends, or of the lists that it was judged by.
        case chain(end: WallTime?)
        /// Another session, which was resumed: whatever that one rested on.
        case resumption
        /// Nothing that is known; it must not be offered.
        case nothing
    }

    let raw: OpaquePointer
    package let foundation: Foundation

    /// Takes over the caller's reference.
    init(owning raw: OpaquePointer, foundation: Foundation) {
        self.raw = raw
        self.foundation = foundation
    }

    deinit {
        SSL_SESSION_free(raw)
    }

    /// A ticket of TLS 1.3 used twice lets an onlooker see that both connections are of the same client (RFC 8446
    /// appendix C.4).
    var isForOneUse: Bool {
        SSL_SESSION_get_protocol_version(raw) >= TLS1_3_VERSION
    }

    /// Whether a handshake with it can be accepted.
    var isResumable: Bool {
        SSL_SESSION_is_resumable(raw) == 1
    }
}

/// For what a session may be used. A resumed handshake skips the checks of certificate and host name, so a session is
/// only ever offered where they would have come out the same.
package struct TLSSessionKey: Hashable, Sendable {
    /// The name or address that the certificate was checked against.
    package let host: String
    package let port: Int
    /// What the client trusted, and as whom it showed itself.
    package let trust: TLSTrustDigest

    package init(host: String, port: Int, trust: TLSTrustDigest) {
        self.host = host
        self.port = port
        self.trust = trust
    }
}
