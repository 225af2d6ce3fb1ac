package import MPushCipher

/// The server's public key as a file (RFC 7468 section 13).
package enum PublicKeyFile {
    private static let lineLength = 64

    /// The PEM text of `key`.
    package static func text(_ key: RSAPublicKey) -> String {
        var lines: [Substring] = []
        var rest = key.base64[...]
        while !rest.isEmpty {
            lines.append(rest.prefix(lineLength))
            rest = rest.dropFirst(lineLength)
        }
        let body = lines.joined(separator: "\n")
        return "-----BEGIN PUBLIC KEY-----\n\(body)\n-----END PUBLIC KEY-----\n"
    }
}
