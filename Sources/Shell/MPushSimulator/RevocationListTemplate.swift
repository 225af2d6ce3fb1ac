/// What is to stand in a revocation list (RFC 5280 section 5): for tests that need more than an everyday one.
package struct RevocationListTemplate {
    /// Why a certificate is in a list (RFC 5280 section 5.3.1).
    package enum Reason: Int, Sendable {
        case keyCompromise = 1
        case certificateHold = 6
        /// In a delta list: it is not revoked any more.
        case removeFromList = 8
    }

    package var revoked: [(certificate: ThrowawayCertificate, reason: Reason?)] = []
    /// How many entries there are beside those, of certificates that nobody has: serial numbers from 1 on.
    package var strangers = 0
    /// When it was made, and until when it counts.
    package var validity = ThrowawayAuthority.defaultValidity
    /// Whether it says until when it counts.
    package var hasEnd = true
    package var extensions: [CertificateTemplate.Extension] = []

    package init() {}
}
