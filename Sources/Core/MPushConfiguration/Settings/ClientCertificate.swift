/// What mpushd shows a server that asks for a certificate.
package struct ClientCertificate: Equatable, Sendable {
    /// The certificate, with those between it and its authority after it, in PEM.
    package let certificate: FileReference

    /// Its private key, in PEM, not encrypted.
    package let key: FileReference
}

extension ClientCertificate {
    /// Nil where neither is set, and where one is missing or wrong, which is reported.
    init?(reading table: TableReader) {
        let certificate = table.optional("client_certificate", .file(example: "/etc/mpushd/client.pem"))
        let key = table.optional("client_key", .file(example: "$CREDENTIALS_DIRECTORY/client.key", isSecret: true))
        for (given, other) in [("client_certificate", "client_key"), ("client_key", "client_certificate")]
        where table.holds(given) && !table.holds(other) {
            table.site(of: given).report("is of no use without tls.\(other). Write both or neither.")
        }
        guard let certificate, let key else { return nil }
        self.init(certificate: certificate, key: key)
    }
}
