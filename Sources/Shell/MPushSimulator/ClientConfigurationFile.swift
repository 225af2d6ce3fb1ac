package import MPushCipher
import MPushModel

/// A configuration with which mpushd connects to a simulator as it is.
package enum ClientConfigurationFile {
    /// TOML for `endpoint`. The paths are absolute; without an authority the transport is plain TCP, without a device the
    /// client is known by its machine's id.
    package static func text(
        endpoint: String, publicKeyPath: String, authorityPath: String?, statePath: String, deviceID: String? = nil
    ) -> String {
        let transport = authorityPath == nil ? "transport  = \"plaintext\"\n" : ""
        let tls = authorityPath.map { "[tls]\nca_file = \($0.asTOML)\n\n" } ?? ""
        let device = deviceID.map { "\ndevice_id = \($0.asTOML)" } ?? ""
        return """
            # Made by mpush-sim for the time that it runs.

            [server]
            endpoints  = [\(endpoint.asTOML)]
            public_key = \(publicKeyPath.asTOML)
            \(transport)
            \(tls)[identity]
            user = "alice"\(device)

            [state]
            directory = \(statePath.asTOML)

            """
    }
}

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
