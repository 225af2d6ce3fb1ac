import COpenSSL
package import MPushModel
package import MPushTLS

/// A certificate and its key, made by a `ThrowawayAuthority`.
package final class ThrowawayCertificate {
    let raw: OpaquePointer
    let key: OpaquePointer
    /// See `ThrowawayAuthority.intermediates`.
    var intermediates: [UInt8] = []

    /// Takes over both references.
    init(owning raw: OpaquePointer, key: OpaquePointer) {
        self.raw = raw
        self.key = key
    }

    deinit {
        X509_free(raw)
        EVP_PKEY_free(key)
    }

    /// The certificate alone.
    package var certificatePEM: [UInt8] {
        PEMText.written { PEM_write_bio_X509($0, raw) }
    }

    /// The certificate, and those that lead to the authority.
    package var chainPEM: [UInt8] { certificatePEM + intermediates }

    /// Its private key, not encrypted.
    package var keyPEM: SecretBytes {
        SecretBytes(PEMText.written { PEM_write_bio_PrivateKey($0, key, nil, nil, 0, nil, nil) })
    }

    /// Chain and key, as contexts take them.
    package var identity: TLSIdentity {
        TLSIdentity(certificateChainPEM: chainPEM, keyPEM: keyPEM)
    }
}

/// PEM as OpenSSL writes it.
enum PEMText {
    /// What `write` wrote; empty if it could not.
    static func written(_ write: (OpaquePointer) -> Int32) -> [UInt8] {
        guard let bio = BIO_new(BIO_s_mem()) else { return [] }
        defer { BIO_free(bio) }
        guard write(bio) == 1 else { return [] }
        var start: UnsafeMutablePointer<CChar>?
        let length = CBIO_get_mem_data(bio, &start)
        guard let start, length > 0 else { return [] }
        return Array(UnsafeRawBufferPointer(start: start, count: length))
    }
}
