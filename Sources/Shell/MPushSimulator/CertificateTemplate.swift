import MPushTime

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
