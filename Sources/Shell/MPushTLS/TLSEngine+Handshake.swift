import COpenSSL
import MPushCause

extension TLSEngine {
    /// Takes the handshake as far as it goes with what came in. A client's first call makes its hello.
    package func handshake() throws(TLSError) -> HandshakeProgress {
        OpenSSLError.clearQueue()
        let result = SSL_do_handshake(ssl)
        guard result == 1 else {
            switch SSL_get_error(ssl, result) {
            case SSL_ERROR_WANT_READ: return .wantsInput
            case SSL_ERROR_ZERO_RETURN: throw closedInHandshake()
            default: throw fail()
            }
        }
        let certificate = peerCertificate
        try checkAgain(certificate)
        isEstablished = true
        bio.plaintextGiven()
        return .completed(info(certificate))
    }

    private var peerCertificate: Certificate? {
        SSL_get0_peer_certificate(ssl).map { Certificate(retaining: $0) }
    }

    /// A resumed handshake does not come by the verification of certificates. The key of the session vouches for it; this
    /// makes sure of what can be checked on the spot.
    private func checkAgain(_ certificate: Certificate?) throws(TLSError) {
        guard context.role == .client else { return }
        guard let certificate, SSL_get_verify_result(ssl) == Int(X509_V_OK) else {
            hasFailed = true
            throw TLSError(.badCertificate(detail: "the server's certificate was not verified"))
        }
        if let failure = CertificateVerification.pinFailure(of: certificate, pins: context.pins) {
            hasFailed = true
            throw TLSError(failure)
        }
    }

    private func info(_ certificate: Certificate?) -> TLSConnectionInfo {
        let version = TLSVersion.allCases.first { $0.number == SSL_version(ssl) }
        return TLSConnectionInfo(
            version: version?.rawValue ?? String(cString: SSL_get_version(ssl)),
            cipher: SSL_CIPHER_get_name(SSL_get_current_cipher(ssl)).map { String(cString: $0) } ?? "",
            isResumed: SSL_session_reused(ssl) == 1,
            peer: certificate?.summary)
    }
}
