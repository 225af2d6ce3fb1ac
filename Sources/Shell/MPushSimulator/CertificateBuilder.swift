import COpenSSL
import MPushTime

/// Makes one X.509 certificate (RFC 5280) with a new EC P-256 key.
struct CertificateBuilder {
    /// What the certificate may be used for.
    enum Kind {
        case authority, leaf
    }

    let name: String
    let alternativeNames: [String]
    let validity: ThrowawayAuthority.Validity
    let kind: Kind

    /// Signed by `issuer`, or by itself if there is none.
    func build(issuer: ThrowawayCertificate?) throws(ThrowawayAuthorityError) -> ThrowawayCertificate {
        guard let key = CEVP_EC_gen("P-256") else { throw .fromOpenSSL("key") }
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

    private func fill(
        _ certificate: ThrowawayCertificate, issuer: ThrowawayCertificate?
    ) throws(ThrowawayAuthorityError) {
        let raw = certificate.raw
        guard X509_set_version(raw, Int(X509_VERSION_3)) == 1,
            setRandomSerialNumber(raw),
            CertificateBuilder.set(X509_getm_notBefore(raw), to: validity.lowerBound),
            CertificateBuilder.set(X509_getm_notAfter(raw), to: validity.upperBound),
            X509_set_pubkey(raw, certificate.key) == 1,
            X509_NAME_add_entry_by_NID(
                X509_get_subject_name(raw), NID_commonName, MBSTRING_UTF8, Array(name.utf8), Int32(name.utf8.count), -1,
                0) == 1,
            X509_set_issuer_name(raw, X509_get_subject_name(issuer?.raw ?? raw)) == 1
        else { throw .fromOpenSSL(name) }
    }

    private func setRandomSerialNumber(_ raw: OpaquePointer) -> Bool {
        guard let number = BN_new() else { return false }
        defer { BN_free(number) }
        return BN_rand(number, 120, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1
            && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(raw)) != nil
    }

    private func extend(
        _ certificate: ThrowawayCertificate, issuer: ThrowawayCertificate?
    ) throws(ThrowawayAuthorityError) {
        for (identifier, value) in try extensions() {
            var context = X509V3_CTX()
            X509V3_set_ctx(&context, issuer?.raw ?? certificate.raw, certificate.raw, nil, nil, 0)
            guard let made = X509V3_EXT_conf_nid(nil, &context, identifier, value) else { throw .fromOpenSSL(value) }
            defer { X509_EXTENSION_free(made) }
            guard X509_add_ext(certificate.raw, made, -1) == 1 else { throw .fromOpenSSL(value) }
        }
    }

    /// The key identifiers come first and in this order: the authority's is taken from what the certificate has so far.
    private func extensions() throws(ThrowawayAuthorityError) -> [(Int32, String)] {
        var extensions = [(NID_subject_key_identifier, "hash"), (NID_authority_key_identifier, "keyid")]
        switch kind {
        case .authority:
            extensions.append((NID_basic_constraints, "critical,CA:TRUE"))
            extensions.append((NID_key_usage, "critical,keyCertSign,cRLSign"))
        case .leaf:
            extensions.append((NID_basic_constraints, "critical,CA:FALSE"))
            extensions.append((NID_key_usage, "critical,digitalSignature"))
            extensions.append((NID_ext_key_usage, "serverAuth,clientAuth"))
            if !alternativeNames.isEmpty {
                extensions.append((NID_subject_alt_name, try alternativeNamesValue()))
            }
        }
        return extensions
    }

    /// OpenSSL's own notation. A comma would start another name; wildcards are for tests of what a client makes of them.
    private func alternativeNamesValue() throws(ThrowawayAuthorityError) -> String {
        for name in alternativeNames where !name.utf8.allSatisfy(CertificateBuilder.isNameCharacter) {
            throw ThrowawayAuthorityError(detail: "\(name) is neither a host name nor an address")
        }
        return alternativeNames.map { CertificateBuilder.isAddress($0) ? "IP:\($0)" : "DNS:\($0)" }
            .joined(separator: ",")
    }

    private static func isNameCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._*:".utf8.contains(byte)
        }
    }

    private static func isAddress(_ name: String) -> Bool {
        guard let address = a2i_IPADDRESS(name) else { return false }
        ASN1_OCTET_STRING_free(address)
        return true
    }

    /// False if `time` cannot be said in an ASN.1 time.
    static func set(_ target: UnsafeMutablePointer<ASN1_TIME>?, to time: WallTime) -> Bool {
        ASN1_TIME_set(target, Int(time.millisecondsSince1970 / 1000)) != nil
    }
}
