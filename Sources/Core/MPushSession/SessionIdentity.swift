package import MPushSecret

/// Whose messages a connection is for: what BIND says (PROTOCOL.md section 4.3).
package struct SessionIdentity: Equatable, Sendable {
    package let userID: String
    /// None holds a comma.
    package let tags: [String]
    /// For the server's own validator; most servers ignore it. Empty for none.
    package let credential: SecretBytes

    package init(userID: String, tags: [String], credential: SecretBytes) {
        self.userID = userID
        self.tags = tags
        self.credential = credential
    }
}
