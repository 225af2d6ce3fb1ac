/// A certificate that a server showed, for somebody who decides whether to trust it. The texts come from outside: bounded,
/// and nothing but printable ASCII.
package struct ShownCertificate: Equatable, Sendable {
    /// The distinguished name of its holder (RFC 4514).
    package let subject: String
    /// The distinguished name of the authority that issued it.
    package let issuer: String
    /// From when on it is good; nil where the certificate does not say it readably.
    package let notBefore: WallTime?
    /// Until when.
    package let notAfter: WallTime?
    /// The SHA-256 of the certificate, 32 bytes.
    package let fingerprint: [UInt8]
    /// The pin of its key.
    package let pin: PublicKeyPin?
    /// The certificate in DER.
    package let encoded: [UInt8]

    package init(
        subject: String, issuer: String, notBefore: WallTime?, notAfter: WallTime?, fingerprint: [UInt8],
        pin: PublicKeyPin?, encoded: [UInt8]
    ) {
        self.subject = subject
        self.issuer = issuer
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.fingerprint = fingerprint
        self.pin = pin
        self.encoded = encoded
    }
}

extension ShownCertificate {
    /// The certificate as a file (RFC 7468 section 5.1).
    package var pem: String {
        var text = "-----BEGIN CERTIFICATE-----\n"
        var rest = Base64.encode(encoded)[...]
        while !rest.isEmpty {
            text += rest.prefix(ShownCertificate.lineLength) + "\n"
            rest = rest.dropFirst(ShownCertificate.lineLength)
        }
        return text + "-----END CERTIFICATE-----\n"
    }

    private static let lineLength = 64

    /// What there is to compare, one line each: as `openssl x509` prints it, and the pin.
    package var lines: [String] {
        let start = notBefore.map { "from \($0.rfc3339.prefix(10))" }
        let end = notAfter.map { "until \($0.rfc3339.prefix(10))" }
        let validity = [start, end].compactMap(\.self).joined(separator: " ")
        return [
            "subject      \(subject)", "issuer       \(issuer == subject ? "itself" : issuer)",
            "valid        \(validity)",
            "fingerprint  \(ShownCertificate.hexadecimal(fingerprint))",
            pin.map { "key (pin)    \($0)" },
        ].compactMap(\.self)
    }

    /// `9F:86:D0…`
    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined(separator: ":")
    }
}
