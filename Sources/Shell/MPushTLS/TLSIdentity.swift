package import MPushSecret

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
