/// Where the server's RSA public key (PROTOCOL.md section 3) comes from.
package enum ServerPublicKey: Hashable, Sendable {
    /// A file with the key in PEM, or in base64 without PEM's lines.
    case file(FileReference)
    /// The key itself, an X.509 SubjectPublicKeyInfo in DER. Its outermost frame was checked, no more.
    case inline(InlinePublicKey)

    /// Where the configuration names the key.
    package var location: SourceLocation {
        switch self {
        case .file(let reference): reference.location
        case .inline(let key): key.location
        }
    }
}
