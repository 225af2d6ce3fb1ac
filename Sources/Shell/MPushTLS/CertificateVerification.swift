import COpenSSL
import MPushCause

/// What is decided on top of OpenSSL's own verification of a chain, and how its verdicts are put.
///
/// OpenSSL calls back with each problem it finds, and once for each certificate that is good, the peer's own last.
enum CertificateVerification {
    static let callback: @convention(c) (Int32, OpaquePointer?) -> Int32 = { isGood, store in
        guard let store, let observer = observer(of: store) else { return 0 }
        return isGood == 1 ? approve(store, observer) : refuse(store, observer)
    }

    private static func observer(of store: OpaquePointer) -> HandshakeObserver? {
        HandshakeObserver.of(
            X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()).map { OpaquePointer($0) })
    }

    /// Here, and not after the handshake, so that a server without a pinned key is not even shown our own certificate.
    private static func approve(_ store: OpaquePointer, _ observer: HandshakeObserver) -> Int32 {
        guard X509_STORE_CTX_get_error_depth(store) == 0, let raw = X509_STORE_CTX_get_current_cert(store) else {
            return 1
        }
        guard let failure = pinFailure(of: Certificate(retaining: raw), pins: observer.pins) else { return 1 }
        observer.refusal = failure
        X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION)
        return 0
    }

    /// Nil if the certificate's key is one of `pins`, or there are none.
    static func pinFailure(of certificate: Certificate, pins: Set<TLSPin>) -> TLSFailure? {
        if pins.isEmpty { return nil }
        let pin = certificate.pin
        if let pin, pins.contains(pin) { return nil }
        let shown = pin.map { "its key is \($0)" } ?? "its key cannot be read"
        return .noPinMatched(detail: "\(certificate.name); \(shown)")
    }

    /// A revocation list is demanded of the authority that issued the peer's certificate, not of those above it: their
    /// lists are seldom at hand. Where they are, they count.
    private static func refuse(_ store: OpaquePointer, _ observer: HandshakeObserver) -> Int32 {
        let error = X509_STORE_CTX_get_error(store)
        if error == X509_V_ERR_UNABLE_TO_GET_CRL, X509_STORE_CTX_get_error_depth(store) > 0 {
            X509_STORE_CTX_set_error(store, X509_V_OK)
            return 1
        }
        let certificate = X509_STORE_CTX_get_current_cert(store).map { Certificate(retaining: $0) }
        if observer.refusal == nil {
            observer.refusal = failure(error, certificate: certificate, peerName: observer.peerName)
        }
        return 0
    }

    private static func failure(_ error: Int32, certificate: Certificate?, peerName: TLSPeerName?) -> TLSFailure {
        let name = certificate?.name ?? "no certificate"
        switch error {
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return .expired(detail: "\(name), ended \(certificate?.notAfter?.text ?? "at an unreadable date")")
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return .notYetValid(detail: "\(name), starts \(certificate?.notBefore?.text ?? "at an unreadable date")")
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH:
            return .wrongHost(detail: mismatch(certificate, peerName: peerName))
        case X509_V_ERR_CERT_REVOKED:
            return .revoked(detail: name)
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
            X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_CERT_UNTRUSTED, X509_V_ERR_CERT_REJECTED:
            return .unknownAuthority(detail: "\(name): \(words(error))")
        default:
            return .badCertificate(detail: "\(name): \(words(error))")
        }
    }

    private static func words(_ error: Int32) -> String {
        String(cString: X509_verify_cert_error_string(Int(error)))
    }

    private static func mismatch(_ certificate: Certificate?, peerName: TLSPeerName?) -> String {
        let names = certificate?.alternativeNames ?? []
        let holder = certificate?.name ?? "no certificate"
        let shown = names.isEmpty ? holder : "\(holder), good for \(names.joined(separator: ", "))"
        return peerName.map { "\(shown), not for \($0.text)" } ?? shown
    }
}
