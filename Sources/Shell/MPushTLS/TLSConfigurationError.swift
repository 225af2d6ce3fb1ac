/// A setting that no TLS context or connection can be made of: which one, what is wrong with it, and OpenSSL's words
/// where they help. The caller adds the file, the line and the key.
package struct TLSConfigurationError: Error, Equatable, Sendable {
    /// The setting that is bad.
    package enum Setting: String, Sendable {
        case authorities = "the file of authorities"
        case revocationLists = "the revocation list"
        case certificate = "the certificate"
        case key = "the private key"
        case pin = "the pin"
        case versions = "the range of TLS versions"
        case clientAuthorities = "the file of client authorities"
        case serverName = "the server's name"
        case library = "OpenSSL"
    }

    /// What is wrong with it.
    package enum Problem: String, Sendable {
        /// There is no `-----BEGIN` in it.
        case notPEM = "is not PEM text"
        /// It is PEM text, but holds nothing of the kind that is needed.
        case nothingOfItsKind = "holds nothing of the kind that is needed"
        /// It is damaged, or of a kind that OpenSSL does not know.
        case unreadable = "cannot be read"
        /// The key is encrypted, and nobody is there to type a passphrase.
        case encrypted = "is encrypted with a passphrase; give it unencrypted, in a file that only mpushd may read"
        /// A certificate with marks of trust and mistrust of its own, which would be left out with them.
        case trustSettings = """
            holds a TRUSTED CERTIFICATE, whose marks of trust and mistrust are not read here; make it a plain one with \
            "openssl x509 -in FILE -out PLAIN", or leave it out
            """
        /// The key is not that of the certificate.
        case keyMismatch = "does not belong to the certificate"
        /// OpenSSL's security policy refuses it (too short a key, a hash that is broken ...).
        case refused = "is refused by OpenSSL"
        /// It is not written as it has to be.
        case malformed = "is malformed"
    }

    package let setting: Setting
    package let problem: Problem
    /// What else is known, for people; may be empty.
    package let detail: String

    init(_ setting: Setting, _ problem: Problem, detail: String = "") {
        self.setting = setting
        self.problem = problem
        self.detail = detail
    }
}

extension TLSConfigurationError: CustomStringConvertible {
    /// One line without the setting's name in front of a file's: "the private key does not belong to the certificate".
    package var description: String {
        let sentence = "\(setting.rawValue) \(problem.rawValue)"
        return detail.isEmpty ? sentence : "\(sentence): \(detail)"
    }
}
