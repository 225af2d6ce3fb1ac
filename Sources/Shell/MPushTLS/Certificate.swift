import COpenSSL
import Glibc
import MPushTime

/// One X.509 certificate, held by reference. `@unchecked Sendable`: OpenSSL counts its references atomically, and nothing
/// here changes it.
final class Certificate: @unchecked Sendable {
    let raw: OpaquePointer

    /// Takes over the caller's reference.
    init(owning raw: OpaquePointer) {
        self.raw = raw
    }

    /// Reads one certificate in DER; nil where that is none, or more.
    convenience init?(encoded: [UInt8]) {
        let raw = encoded.withUnsafeBufferPointer { bytes -> OpaquePointer? in
            var cursor = bytes.baseAddress
            guard let raw = d2i_X509(nil, &cursor, bytes.count) else { return nil }
            guard cursor == bytes.baseAddress?.advanced(by: bytes.count) else {
                X509_free(raw)
                return nil
            }
            return raw
        }
        guard let raw else { return nil }
        self.init(owning: raw)
    }

    /// Takes a reference of its own.
    convenience init(retaining raw: OpaquePointer) {
        X509_up_ref(raw)
        self.init(owning: raw)
    }

    deinit {
        X509_free(raw)
    }

    /// The holder's distinguished name.
    var subject: String { DistinguishedName(X509_get_subject_name(raw)).text }

    /// The distinguished name of the authority that issued it.
    var issuer: String { DistinguishedName(X509_get_issuer_name(raw)).text }

    /// "CN=push.example.com, issued by Example CA": how messages name a certificate.
    var name: String {
        let issuerName = DistinguishedName(X509_get_issuer_name(raw))
        return "\(subject), issued by \(issuerName.commonName ?? issuerName.text)"
    }

    /// From when on it is good.
    var notBefore: ASN1Time? { X509_get0_notBefore(raw).flatMap { ASN1Time($0) } }

    /// Until when it is good.
    var notAfter: ASN1Time? { X509_get0_notAfter(raw).flatMap { ASN1Time($0) } }

    /// The pin of its public key.
    var pin: TLSPin? {
        guard let key = X509_get_X509_PUBKEY(raw) else { return nil }
        let length = i2d_X509_PUBKEY(key, nil)
        guard length > 0 else { return nil }
        var encoded = [UInt8](repeating: 0, count: Int(length))
        encoded.withUnsafeMutableBufferPointer { buffer in
            var cursor = buffer.baseAddress
            i2d_X509_PUBKEY(key, &cursor)
        }
        return TLSPin(digest: SHA256Digest.of(encoded))
    }

    /// The certificate in DER.
    var encoded: [UInt8] {
        let length = i2d_X509(raw, nil)
        guard length > 0 else { return [] }
        var encoded = [UInt8](repeating: 0, count: Int(length))
        encoded.withUnsafeMutableBufferPointer { buffer in
            var cursor = buffer.baseAddress
            i2d_X509(raw, &cursor)
        }
        return encoded
    }
}

extension Certificate {
    /// The certificate as the info of a connection shows it.
    var summary: TLSConnectionInfo.Peer {
        TLSConnectionInfo.Peer(subject: subject, issuer: issuer, notAfter: notAfter?.wallTime, pin: pin)
    }
}
