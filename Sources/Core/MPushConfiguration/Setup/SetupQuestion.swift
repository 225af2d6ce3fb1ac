package import MPushModel

/// What `mpushd init` asks.
package enum SetupQuestion: Hashable, Sendable {
    /// Whether a configuration that is there may go.
    case replacement
    case endpoint
    case user
    case publicKey
    case credential
    /// Whether to do without TLS where the server has none.
    case withoutTLS
    /// By what the server is known; whether its chain is good for the authorities that were asked, so that they will do.
    case trust(isVerified: Bool)
    case authorities
    /// Whether to go on in spite of what was found.
    case insistence

    /// What is asked, to stand before the answer.
    package var prompt: String {
        switch self {
        case .replacement: "Replace it? The old one is kept beside it. [y/N] "
        case .endpoint: "Server (host:port): "
        case .user: "User to bind: "
        case .publicKey: "The server's RSA public key (a file, or base64): "
        case .credential: "Credential for the server's validator (not shown; empty for none): "
        case .withoutTLS: "Use it without TLS? Anyone on the network path can then intercept the connection. [y/N] "
        case .trust(isVerified: true):
            """
            What is the server to be known by?
              1  the authorities of this system: its next certificate is good too (the usual choice)
              2  the authorities in a file of yours
              3  the key shown above alone (pin), in addition to 1: you write its next key into the configuration in time
            Choice [1]: \("")
            """
        case .trust(isVerified: false):
            """
            What is the server to be known by?
              2  the authorities in a file of yours
              3  the certificate and key shown above (pin). First compare them with what the server's operator tells you
            Choice: \("")
            """
        case .authorities: "File with the certificates of the authorities (PEM): "
        case .insistence: "Use these answers all the same? [y/N] "
        }
    }

    /// Whether the answer must not be seen.
    package var isSecret: Bool { self == .credential }

    /// The option that answers it; nil where none does.
    var option: String? {
        switch self {
        case .endpoint: "--endpoint"
        case .user: "--user"
        case .publicKey: "--public-key-file"
        case .credential: "--credential-file"
        case .withoutTLS: "--without-tls"
        case .trust: "--ca-file or --pin"
        case .authorities: "--ca-file"
        case .replacement, .insistence: nil
        }
    }

    /// Whether what is said of this key is about the answer.
    func isAbout(key: String) -> Bool {
        // `identity[1].user`, where a file beside the configuration has an identity too.
        let parts = key.split(separator: ".").map { $0.prefix { $0 != "[" } }
        let key = parts.joined(separator: ".")
        return switch self {
        case .endpoint: key == "server.endpoints"
        case .user: key == "identity.user" || key == "identity.name"
        case .publicKey: key == "server.public_key"
        case .credential: key == "identity" || key == "identity.credential_file"
        case .authorities: key == "tls.ca_file"
        case .replacement, .withoutTLS, .trust, .insistence: false
        }
    }
}

/// Answers that the command line gives.
package struct SetupOptions: Equatable, Sendable {
    package var endpoint: String?
    package var user: String?
    package var publicKey: String?
    package var credentialFile: String?
    package var authorities: String?
    /// `sha256/…`
    package var pin: String?
    package var isWithoutTLS = false
    /// Whether nothing is asked: what is not given has its default, or ends it.
    package var asksNothing = false

    package init() {}

    /// What is given, by the question that it answers.
    var answers: [SetupQuestion: String] {
        [
            .endpoint: endpoint, .user: user, .publicKey: publicKey, .credential: credentialFile,
            .authorities: authorities, .withoutTLS: isWithoutTLS ? "y" : nil,
        ].compactMapValues(\.self)
    }
}

/// What a walk with a draft of the configuration came to.
package struct SetupSighting: Equatable, Sendable {
    /// nil where nothing is wrong.
    package let culprit: Culprit?
    /// Whether a message would come through.
    package let isGood: Bool
    /// What was found, in a sentence.
    package let sentence: String
    package let advice: [String]
    /// What the server showed, its own certificate first; empty where it was not reached, or has no TLS.
    package let certificates: [ShownCertificate]

    package init(
        culprit: Culprit?, isGood: Bool, sentence: String, advice: [String], certificates: [ShownCertificate]
    ) {
        self.culprit = culprit
        self.isGood = isGood
        self.sentence = sentence
        self.advice = advice
        self.certificates = certificates
    }
}

/// Why nothing was written.
package struct SetupRefusal: Error, Equatable, Sendable {
    package enum Kind: Equatable, Sendable {
        /// Somebody said no.
        case declined
        /// An answer is missing or wrong.
        case wrongAnswer
        /// The server is not who it should be.
        case untrusted
    }

    package let kind: Kind
    package let message: String
}
