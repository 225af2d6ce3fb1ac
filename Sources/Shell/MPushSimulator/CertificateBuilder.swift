import COpenSSL
import MPushModel

/// What is to stand in a certificate: for tests that need more than an everyday one.
package struct CertificateTemplate: Sendable {
    /// The kind and size of a new key.
    package enum Key: Hashable, Sendable {
        case ellipticCurveP256
        /// Bits of the modulus.
        case rsa(bits: UInt32)
    }

    /// An extension in OpenSSL's own notation (x509v3_config(5)): `DNS:push.example.com`, `critical,CA:TRUE`, or
    /// `DER:30:00` for any bytes.
    package struct Extension: Hashable, Sendable {
        /// OpenSSL's short name of it, such as `subjectAltName`.
        package let name: String
        package let value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }

        /// An extension with these bytes of DER as its value.
        package init(_ name: String, der bytes: [UInt8]) {
            self.init(name, "DER:" + bytes.map { Extension.hexadecimal($0) }.joined(separator: ":"))
        }

        private static func hexadecimal(_ byte: UInt8) -> String {
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
    }

    /// The holder's common name; empty for a holder without a name.
    package var commonName: String
    package var validity: ThrowawayAuthority.Validity = ThrowawayAuthority.defaultValidity
    package var key = Key.ellipticCurveP256
    /// In this order. The identifiers of keys need not be given.
    package var extensions: [Extension]

    package init(commonName: String, extensions: [Extension]) {
        self.commonName = commonName
        self.extensions = extensions
    }

    /// An authority that may issue certificates and revocation lists.
    package static func authority(named name: String) -> CertificateTemplate {
        CertificateTemplate(
            commonName: name,
            extensions: [
                Extension("basicConstraints", "critical,CA:TRUE"),
                Extension("keyUsage", "critical,keyCertSign,cRLSign"),
            ])
    }

    /// A server or client. `alternativeNames` is in OpenSSL's notation, `DNS:a,IP:127.0.0.1`; empty for none.
    package static func leaf(named name: String, alternativeNames: String) -> CertificateTemplate {
        let names = alternativeNames.isEmpty ? [] : [Extension("subjectAltName", alternativeNames)]
        return CertificateTemplate(
            commonName: name,
            extensions: [
                Extension("basicConstraints", "critical,CA:FALSE"), Extension("keyUsage", "critical,digitalSignature"),
                Extension("extendedKeyUsage", "serverAuth,clientAuth"),
            ] + names)
    }

    /// The same without the extension `name`, and with `value` for it where one is given.
    package func with(_ name: String, _ value: String?) -> CertificateTemplate {
        var changed = self
        changed.extensions.removeAll { $0.name == name }
        if let value { changed.extensions.append(Extension(name, value)) }
        return changed
    }
}

/// Makes one X.509 certificate (RFC 5280) from its template.
struct CertificateBuilder {
    let template: CertificateTemplate

    /// Signed by `issuer`, or by itself if there is none. With `key`, a certificate for that one's key: a renewed or
    /// cross-signed certificate.
    func build(
        issuer: ThrowawayCertificate?, key existing: ThrowawayCertificate? = nil
    ) throws(ThrowawayAuthorityError) -> ThrowawayCertificate {
        guard let key = existing.map({ CertificateBuilder.retained($0.key) }) ?? makeKey() else {
            throw .fromOpenSSL("key")
        }
        guard let raw = X509_new() else {
            EVP_PKEY_free(key)
            throw .fromOpenSSL("certificate")
        }
        let certificate = ThrowawayCertificate(owning: raw, key: key)
        try fill(certificate, issuer: issuer)
        try extend(certificate, issuer: issuer)
        guard X509_sign(raw, issuer?.key ?? key, EVP_sha256()) > 0 else { throw .fromOpenSSL("signature") }
        return certificate
    }

    private func makeKey() -> OpaquePointer? {
        switch template.key {
        case .ellipticCurveP256: CEVP_EC_gen("P-256")
        case .rsa(let bits): copenssl_RSA_generate(bits)
        }
    }

    private static func retained(_ key: OpaquePointer) -> OpaquePointer? {
        EVP_PKEY_up_ref(key) == 1 ? key : nil
    }

    private func fill(
        _ certificate: ThrowawayCertificate, issuer: ThrowawayCertificate?
    ) throws(ThrowawayAuthorityError) {
        let raw = certificate.raw
        let name = Array(template.commonName.utf8)
        guard X509_set_version(raw, Int(X509_VERSION_3)) == 1,
            setRandomSerialNumber(raw),
            CertificateBuilder.set(X509_getm_notBefore(raw), to: template.validity.lowerBound),
            CertificateBuilder.set(X509_getm_notAfter(raw), to: template.validity.upperBound),
            X509_set_pubkey(raw, certificate.key) == 1,
            name.isEmpty
                || X509_NAME_add_entry_by_NID(
                    X509_get_subject_name(raw), NID_commonName, MBSTRING_UTF8, name, Int32(clamping: name.count), -1, 0)
                    == 1,
            X509_set_issuer_name(raw, X509_get_subject_name(issuer?.raw ?? raw)) == 1
        else { throw .fromOpenSSL(template.commonName) }
    }

    private func setRandomSerialNumber(_ raw: OpaquePointer) -> Bool {
        guard let number = BN_new() else { return false }
        defer { BN_free(number) }
        return BN_rand(number, 120, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1
            && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(raw)) != nil
    }

    /// The key identifiers come first and in this order: the authority's is taken from what the certificate has so far.
    private func extend(
        _ certificate: ThrowawayCertificate, issuer: ThrowawayCertificate?
    ) throws(ThrowawayAuthorityError) {
        let identifiers = [("subjectKeyIdentifier", "hash"), ("authorityKeyIdentifier", "keyid")]
        for (name, value) in identifiers + template.extensions.map({ ($0.name, $0.value) }) {
            var context = X509V3_CTX()
            X509V3_set_ctx(&context, issuer?.raw ?? certificate.raw, certificate.raw, nil, nil, 0)
            guard let made = X509V3_EXT_conf(nil, &context, name, value) else {
                throw .fromOpenSSL("\(name) = \(value)")
            }
            defer { X509_EXTENSION_free(made) }
            guard X509_add_ext(certificate.raw, made, -1) == 1 else { throw .fromOpenSSL("\(name) = \(value)") }
        }
    }

    static func setSerialNumber(of entry: OpaquePointer, to number: Int) -> Bool {
        guard let value = ASN1_INTEGER_new() else { return false }
        defer { ASN1_INTEGER_free(value) }
        return ASN1_INTEGER_set(value, number) == 1 && X509_REVOKED_set_serialNumber(entry, value) == 1
    }

    /// False if `time` cannot be said in an ASN.1 time.
    static func set(_ target: UnsafeMutablePointer<ASN1_TIME>?, to time: WallTime) -> Bool {
        ASN1_TIME_set(target, Int(time.millisecondsSince1970 / 1000)) != nil
    }
}
