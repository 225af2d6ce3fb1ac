import COpenSSL
import MPushModel

/// What is decided on top of OpenSSL's own verification of a chain.
///
/// OpenSSL calls back with each problem it finds, and once for each certificate that is good, the peer's own last.
enum CertificateVerification {
    static let callback: @convention(c) (Int32, OpaquePointer?) -> Int32 = { isGood, store in
        guard let store, let observer = observer(of: store) else { return 0 }
        return isGood == 1 ? approve(store, observer) : judge(store, observer)
    }

    private static func observer(of store: OpaquePointer) -> HandshakeObserver? {
        HandshakeObserver.of(
            X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()).map { OpaquePointer($0) })
    }

    private static func approve(_ store: OpaquePointer, _ observer: HandshakeObserver) -> Int32 {
        guard let raw = X509_STORE_CTX_get_current_cert(store) else { return 1 }
        let certificate = Certificate(retaining: raw)
        let depth = X509_STORE_CTX_get_error_depth(store)
        if isRevokedByDelta(certificate, depth, store, observer) {
            observer.refusal =
                CertificateRefusal(
                    error: X509_V_ERR_CERT_REVOKED, certificate: certificate, peerName: observer.peerName
                ).failure
            X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REVOKED)
            return 0
        }
        // Here, and not after the handshake, so that a server without a pinned key is not even shown our own certificate.
        guard depth == 0, let failure = pinFailure(of: certificate, pins: observer.pins) else { return 1 }
        observer.refusal = failure
        observer.refusedChain = shown(to: store)
        X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION)
        return 0
    }

    /// What the peer sent, its own certificate first: OpenSSL forgets it with the handshake that it ends.
    private static func shown(to store: OpaquePointer) -> [Certificate] {
        let sent = TLSEngine.certificates(of: X509_STORE_CTX_get0_untrusted(store))
        guard sent.isEmpty, let own = X509_STORE_CTX_get0_cert(store) else { return sent }
        return [Certificate(retaining: own)]
    }

    /// Nil if the certificate's key is one of `pins`, or there are none.
    static func pinFailure(of certificate: Certificate, pins: Set<PublicKeyPin>) -> TLSFailure? {
        if pins.isEmpty { return nil }
        let pin = certificate.pin
        if let pin, pins.contains(pin) { return nil }
        let shown = pin.map { "its key is \($0)" } ?? "its key cannot be read"
        return .noPinMatched(detail: "\(certificate.name); \(shown)")
    }

    private static func judge(_ store: OpaquePointer, _ observer: HandshakeObserver) -> Int32 {
        var error = X509_STORE_CTX_get_error(store)
        let certificate = X509_STORE_CTX_get_current_cert(store).map { Certificate(retaining: $0) }
        if let verdict = verdictOnRevocation(error, certificate, store, observer) {
            X509_STORE_CTX_set_error(store, verdict)
            if verdict == X509_V_OK { return 1 }
            error = verdict
        }
        if observer.refusal == nil {
            observer.refusedChain = shown(to: store)
            observer.refusal =
                CertificateRefusal(error: error, certificate: certificate, peerName: observer.peerName)
                .failure
        }
        return 0
    }
}

/// Whose revocation is asked for. A list is demanded of the authority that issued the peer's certificate, not of those above
/// it: their lists are seldom at hand. Where they are, they count.
extension CertificateVerification {
    /// OpenSSL's errors that are about a list, or about what it says.
    private static let errorsOfLists: Set<Int32> = [
        X509_V_ERR_UNABLE_TO_GET_CRL, X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE, X509_V_ERR_CRL_SIGNATURE_FAILURE,
        X509_V_ERR_CRL_NOT_YET_VALID, X509_V_ERR_CRL_HAS_EXPIRED, X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD,
        X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD, X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER,
        X509_V_ERR_KEYUSAGE_NO_CRL_SIGN, X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION, X509_V_ERR_DIFFERENT_CRL_SCOPE,
        X509_V_ERR_CRL_PATH_VALIDATION_ERROR, X509_V_ERR_CERT_REVOKED,
    ]

    /// What becomes of an error about a list: `X509_V_OK`, or the error that it is. Nil where it stands as it is.
    private static func verdictOnRevocation(
        _ error: Int32, _ certificate: Certificate?, _ store: OpaquePointer, _ observer: HandshakeObserver
    ) -> Int32? {
        let depth = X509_STORE_CTX_get_error_depth(store)
        guard depth > 0, let certificate, errorsOfLists.contains(error) else { return nil }
        if depth == Csk_X509_num(X509_STORE_CTX_get0_chain(store)) - 1 {
            return isRevokedByIssuer(certificate, store, observer) ? X509_V_ERR_CERT_REVOKED : X509_V_OK
        }
        return error == X509_V_ERR_UNABLE_TO_GET_CRL ? X509_V_OK : nil
    }

    /// The end of a chain is trusted as it is and needs no list (RFC 5280 section 6.1); where it is an intermediate authority,
    /// OpenSSL even looks for the list's signature in vain, since whoever made the list is not in the chain. But if the
    /// authority above it is trusted too, and a list of that one names it, whoever gave us both wants it refused.
    private static func isRevokedByIssuer(
        _ anchor: Certificate, _ store: OpaquePointer, _ observer: HandshakeObserver
    ) -> Bool {
        var issuer: OpaquePointer?
        guard X509_STORE_CTX_get1_issuer(&issuer, store, anchor.raw) == 1, let issuer else { return false }
        let authority = Certificate(owning: issuer)
        guard let trust = observer.trust else { return false }
        return trust.isRevoked(anchor, by: authority, in: trust.revocationLists.filter { !$0.isDelta } + trust.deltas)
    }

    /// A delta list adds to its complete list, which OpenSSL has looked into.
    private static func isRevokedByDelta(
        _ certificate: Certificate, _ depth: Int32, _ store: OpaquePointer, _ observer: HandshakeObserver
    ) -> Bool {
        guard let trust = observer.trust, !trust.deltas.isEmpty,
            let issuer = Csk_X509_value(X509_STORE_CTX_get0_chain(store), depth + 1)
        else { return false }
        return trust.isRevoked(certificate, by: Certificate(retaining: issuer), in: trust.deltas)
    }
}

/// How a verdict of OpenSSL's on a chain is put for people.
struct CertificateRefusal {
    /// `X509_V_ERR_...` (X509_STORE_CTX_get_error(3)).
    let error: Int32
    /// The certificate that it is about.
    let certificate: Certificate?
    /// Whose certificate it was to be; nil on a server.
    let peerName: TLSPeerName?

    var failure: TLSFailure {
        switch error {
        case X509_V_ERR_CERT_HAS_EXPIRED:
            .expired(detail: "\(name), ended \(certificate?.notAfter?.text ?? "at an unreadable date")")
        case X509_V_ERR_CERT_NOT_YET_VALID:
            .notYetValid(detail: "\(name), starts \(certificate?.notBefore?.text ?? "at an unreadable date")")
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH:
            .wrongHost(detail: mismatch)
        case X509_V_ERR_CERT_REVOKED:
            .revoked(detail: name)
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
            X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_CERT_UNTRUSTED, X509_V_ERR_CERT_REJECTED:
            .unknownAuthority(detail: "\(name): \(words)")
        default:
            .badCertificate(detail: "\(name): \(words)")
        }
    }

    private var name: String { certificate?.name ?? "no certificate" }

    private var words: String {
        switch error {
        case X509_V_ERR_UNABLE_TO_GET_CRL:
            "no revocation list (CRL) of its authority that can be used is in the file of revocation lists"
        case X509_V_ERR_CRL_HAS_EXPIRED:
            "the revocation list (CRL) of its authority has ended; get the new one"
        default: String(cString: X509_verify_cert_error_string(Int(error)))
        }
    }

    private var mismatch: String {
        guard let peerName else { return name }
        let names = certificate?.alternativeNames ?? []
        if names.isEmpty {
            return
                "\(name), not for \(peerName.text): it has no subjectAltName with a host or address that can be "
                + "read, and nothing else counts (RFC 9525); its authority has to issue it with one"
        }
        return "\(name), good for \(names.map { humanReadable($0, beside: peerName) }.joined(separator: ", ")), "
            + "not for \(peerName.text)"
    }

    /// What looks like the name that is wanted, but is of the other kind, would be a riddle.
    private func humanReadable(_ name: Certificate.AlternativeName, beside peerName: TLSPeerName) -> String {
        switch (name, peerName) {
        case (.host(let host), .address): "the host name \(host)"
        case (.address(let address), .host): "the address \(address)"
        case (.host(let text), .host), (.address(let text), .address): text
        }
    }
}
