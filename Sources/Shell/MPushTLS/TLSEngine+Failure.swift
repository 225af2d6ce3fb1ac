import COpenSSL
package import MPushModel

extension TLSEngine {
    /// What it means if the transport ends now; nil if it is a peer that simply closed. Without a close_notify it may be a
    /// truncation; the frames inside carry their lengths, so that it would be noticed.
    ///
    /// Under TLS 1.3 a server refuses a missing client certificate when our handshake is done already, and its alert may
    /// be lost when the connection is reset: silence after the question is taken for the refusal.
    package var failureAtEnd: TLSFailure? {
        if !isEstablished { return notTLS ?? .peerClosed(detail: "in the handshake") }
        guard lacksCertificateAskedFor, !hasReadPlaintext else { return nil }
        return .clientCertificateRefused(
            detail: "none is configured, and the server closed without a word after it had asked for one")
    }

    private var lacksCertificateAskedFor: Bool {
        observer.wasAskedForCertificate && !context.hasIdentity
    }

    /// The peer said goodbye (close_notify) in place of its part of the handshake; OpenSSL has no error for that.
    func closedInHandshake() -> TLSError {
        hasFailed = true
        return TLSError(observer.refusal ?? .peerClosed(detail: "in the handshake, with a close_notify"))
    }

    /// Takes OpenSSL's error for what it means here. OpenSSL must not be asked anything more.
    func fail() -> TLSError {
        hasFailed = true
        return TLSError(observer.refusal ?? notTLS ?? failure(OpenSSLError.takeFirst()))
    }

    private func failure(_ error: OpenSSLError?) -> TLSFailure {
        guard let error else { return .peerClosed(detail: isEstablished ? "without a reason" : "in the handshake") }
        if error.isAboutVersion { return .protocolVersion(detail: versionDetail(error)) }
        if context.role == .client, let detail = refusalDetail(error) {
            return .clientCertificateRefused(detail: detail)
        }
        if error.isTLS(SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE) {
            return .badCertificate(detail: "the client gave no certificate")
        }
        if isEstablished { return .other(detail: error.isAlert ? "the peer gave up: \(error.text)" : error.text) }
        return .other(detail: handshakeDetail(error))
    }

    private func handshakeDetail(_ error: OpenSSLError) -> String {
        if context.demandsForwardSecrecyOfTLS12, error.isTLS(SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE) {
            return
                "the server found nothing in common with what is allowed here (\(error.text)): TLS 1.3, or TLS 1.2 with "
                + "forward secrecy (tls.forward_secrecy = false allows TLS 1.2 without, for an old server)"
        }
        if error.isAlert { return "the peer gave up: \(error.text)" }
        if error.isOfOpenSSLItself { return "OpenSSL gave up: \(error.text)" }
        if error.library == Int32(ERR_LIB_SSL) { return error.text }
        // A signature or key of the peer's that does not hold, in the words of the part that looked at it.
        return "the peer's signature or key does not hold: \(error.text)"
    }

    private func versionDetail(_ error: OpenSSLError) -> String {
        let side = error.isTLS(SSL_R_TLSV1_ALERT_PROTOCOL_VERSION) ? "the peer refused ours" : "we refused the peer's"
        return "\(side): \(error.text)"
    }

    /// What the server said of our certificate, or of there being none; nil if the error is not about that.
    private func refusalDetail(_ error: OpenSSLError) -> String? {
        guard observer.wasAskedForCertificate else { return nil }
        if error.isAboutCertificate { return context.hasIdentity ? error.text : "none is configured: \(error.text)" }
        guard !context.hasIdentity, error.isTLS(SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE) else { return nil }
        return "none is configured: \(error.text)"
    }

    /// The failure that the peer's first bytes are, if no record of TLS starts so (RFC 8446 section 5.1).
    private var notTLS: TLSFailure? {
        guard !isEstablished, let first = bio.opening.first, !(20...24).contains(first) else { return nil }
        let shown = bio.opening.map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: ".") }
        let opening = String(decoding: shown, as: UTF8.self)
        return .protocolVersion(detail: "the peer does not speak TLS: it began with \"\(opening)\"")
    }
}

extension OpenSSLError {
    /// Whether it is an alert of the peer (RFC 8446 section 6: one byte), and not something that OpenSSL found here.
    fileprivate var isAlert: Bool {
        library == Int32(ERR_LIB_SSL) && (SSL_AD_REASON_OFFSET + 1...SSL_AD_REASON_OFFSET + 255).contains(reason)
    }

    /// Whether it is one that all parts of OpenSSL share (`ERR_R_...`: no memory, an internal error ...).
    fileprivate var isOfOpenSSLItself: Bool { reason >= 1 << ERR_RFLAGS_OFFSET }

    fileprivate var isAboutVersion: Bool {
        isTLS(
            SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_WRONG_VERSION_NUMBER, SSL_R_WRONG_SSL_VERSION, SSL_R_UNKNOWN_PROTOCOL,
            SSL_R_VERSION_TOO_LOW, SSL_R_VERSION_TOO_HIGH, SSL_R_NO_PROTOCOLS_AVAILABLE, SSL_R_BAD_LEGACY_VERSION,
            SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST, SSL_R_INAPPROPRIATE_FALLBACK,
            SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, SSL_R_TLSV1_ALERT_INAPPROPRIATE_FALLBACK)
    }

    fileprivate var isAboutCertificate: Bool {
        isTLS(
            SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED, SSL_R_SSLV3_ALERT_BAD_CERTIFICATE,
            SSL_R_SSLV3_ALERT_NO_CERTIFICATE, SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE,
            SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED, SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED,
            SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN, SSL_R_TLSV1_ALERT_UNKNOWN_CA, SSL_R_TLSV1_ALERT_ACCESS_DENIED)
    }
}
