import MPushSecret

/// What of a PEM file (RFC 7468) is no secret: a certificate often stands in one file with its key, of which no copy must be
/// left where nothing wipes it.
enum PublicPEM {
    private static let begin = Array("-----BEGIN ".utf8)
    private static let end = Array("-----END ".utf8)
    private static let key = Array("PRIVATE KEY-----".utf8)

    /// The text of `file` without its private keys; a comment stands for each.
    static func text(of file: SecretBytes) -> [UInt8] {
        file.withUnsafeBytes { text(of: $0) }
    }

    private static func text(of file: some Collection<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        var isInKey = false
        for line in file.split(separator: 0x0A, omittingEmptySubsequences: false) {
            if isInKey {
                isInKey = !line.starts(with: end)
            } else if line.starts(with: begin), line.contains(key) {
                isInKey = true
                text += Array("# -----BEGIN PRIVATE KEY-----\n".utf8)
            } else {
                text += line
                text.append(0x0A)
            }
        }
        return text
    }
}
