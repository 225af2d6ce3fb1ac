import COpenSSL
import MPushCause

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
        return "\(name), good for \(names.map { spoken($0, beside: peerName) }.joined(separator: ", ")), "
            + "not for \(peerName.text)"
    }

    /// What looks like the name that is wanted, but is of the other kind, would be a riddle.
    private func spoken(_ name: Certificate.AlternativeName, beside peerName: TLSPeerName) -> String {
        switch (name, peerName) {
        case (.host(let host), .address): "the host name \(host)"
        case (.address(let address), .host): "the address \(address)"
        case (.host(let text), .host), (.address(let text), .address): text
        }
    }
}
