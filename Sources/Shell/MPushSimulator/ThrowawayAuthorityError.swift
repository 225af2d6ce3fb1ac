/// A certificate or list that OpenSSL would not make, with its words.
package struct ThrowawayAuthorityError: Error, Equatable, Sendable {
    package let detail: String
}
