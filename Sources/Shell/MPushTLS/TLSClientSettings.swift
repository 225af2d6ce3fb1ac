import COpenSSL
package import MPushModel

/// Everything that decides which server a client trusts and how it shows itself. All bytes, no file names: the caller
/// reads the files, and puts file and line to a `TLSConfigurationError`.
///
/// There is no setting that turns a check off.
package struct TLSClientSettings: Hashable, Sendable {
    /// Who may vouch for the server.
    package var authorities: TLSAuthorities = .system
    /// Revocation lists (PEM, one or more). With one given, a list of the authority that issued the server's certificate
    /// must be among them and in date; those of the authorities above it are used where they are there.
    package var revocationListsPEM: [UInt8]?
    /// The certificate to show when the server asks for one.
    package var identity: TLSIdentity?
    /// When not empty: the server's own key must be one of these, on top of all other checks.
    package var pins: [PublicKeyPin] = []
    /// The oldest version to accept, 1.2 or 1.3. The newest that both sides know is taken.
    package var minimumVersion: TLSVersion = .tls12
    /// Whether TLS 1.2 has to agree on a key of its own for each connection (ECDHE or DHE), so that what was said stays
    /// secret when the server's key becomes known later. TLS 1.3 always does.
    package var requiresForwardSecrecy = true
    /// Whether sessions are kept and offered again (only together with a `TLSSessionCache`).
    package var resumesSessions = true

    package init() {}
}

/// Identifies everything that decides whom a client trusts and who it is. Two contexts with the same digest would have
/// come to the same judgement of a server, so that a session of one may be resumed by the other.
///
/// It is all of the settings, so that one that is added counts unless it is taken out here.
package struct TLSTrustDigest: Hashable, Sendable {
    private let settings: TLSClientSettings

    /// Of all that decides a handshake: what the server is judged by, and what it is shown.
    package init(of settings: TLSClientSettings) {
        self.settings = settings.withDigests
    }

    /// Of what a server is judged by alone: whatever it is shown, and whether sessions are resumed.
    package init(ofServer settings: TLSClientSettings) {
        var judging = settings
        judging.identity = nil
        judging.resumesSessions = true
        self.init(of: judging)
    }
}

extension TLSClientSettings {
    /// The same with the SHA-256 of each file in place of its text, and without the private key: to be kept and compared.
    fileprivate var withDigests: TLSClientSettings {
        var settings = self
        if case .pem(let text) = authorities { settings.authorities = .pem(SHA256Digest.of(text)) }
        settings.revocationListsPEM = revocationListsPEM.map(SHA256Digest.of)
        settings.identity = identity.map {
            TLSIdentity(certificateChainPEM: SHA256Digest.of($0.certificateChainPEM), keyPEM: SecretBytes([]))
        }
        return settings
    }
}

/// What a server shows and demands.
package struct TLSServerSettings: Sendable {
    /// The certificate and key of the server.
    package var identity: TLSIdentity
    /// When given (PEM), every client must show a certificate that these authorities vouch for.
    package var clientAuthoritiesPEM: [UInt8]?
    /// The versions to speak. Below 1.2, OpenSSL's security level is lowered to 0 too: for tests only.
    package var versions: ClosedRange<TLSVersion> = .tls12 ... .tls13
    /// The cipher suites of TLS 1.2 to agree to, in OpenSSL's notation (openssl-ciphers(1)); nil for the usual ones.
    package var cipherList: String?
    /// Whether tickets for resumption are given out (stateless: the server keeps nothing).
    package var givesSessionTickets = true

    package init(identity: TLSIdentity) {
        self.identity = identity
    }
}

/// Whom a client trusts to vouch for a server.
package enum TLSAuthorities: Hashable, Sendable {
    /// The authorities that the system's OpenSSL knows (`/etc/ssl/certs` on Debian), looked up when one is needed.
    case system
    /// The certificates in this PEM text, and no other. Each one is trusted as it is, an intermediate authority or the
    /// server's own certificate included.
    case pem([UInt8])
}

/// A certificate and the key that belongs to it, as PEM text that the caller has read.
package struct TLSIdentity: Sendable {
    /// The certificate itself first, then those that lead to the authority, if there are any.
    package var certificateChainPEM: [UInt8]
    /// The private key, not encrypted.
    package var keyPEM: SecretBytes

    package init(certificateChainPEM: [UInt8], keyPEM: SecretBytes) {
        self.certificateChainPEM = certificateChainPEM
        self.keyPEM = keyPEM
    }
}

extension TLSIdentity: Hashable {
    /// The certificate says which key there is, and keys are not compared.
    package static func == (left: TLSIdentity, right: TLSIdentity) -> Bool {
        left.certificateChainPEM == right.certificateChainPEM
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(certificateChainPEM) }
}

/// A version of TLS, as far as it matters here. Clients start at 1.2; a server may be told to be older, for tests of
/// what a client makes of that.
package enum TLSVersion: String, Comparable, Sendable, CaseIterable {
    /// RFC 4346, retired by RFC 8996. Only a server in a test speaks it.
    case tls11 = "TLS 1.1"
    /// RFC 5246.
    case tls12 = "TLS 1.2"
    /// RFC 8446.
    case tls13 = "TLS 1.3"

    /// OpenSSL's number for the version.
    var number: Int32 {
        switch self {
        case .tls11: TLS1_1_VERSION
        case .tls12: TLS1_2_VERSION
        case .tls13: TLS1_3_VERSION
        }
    }

    package static func < (left: TLSVersion, right: TLSVersion) -> Bool {
        left.number < right.number
    }
}
