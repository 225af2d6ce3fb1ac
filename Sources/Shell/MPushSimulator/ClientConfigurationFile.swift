package import MPushCipher

/// A configuration with which mpushd connects to a simulator as it is.
package enum ClientConfigurationFile {
    /// TOML for `endpoint`. The paths are absolute; without an authority the transport is plain TCP, without a device the
    /// client is known by its machine's id.
    package static func text(
        endpoint: String, publicKeyPath: String, authorityPath: String?, statePath: String, deviceID: String? = nil
    ) -> String {
        let transport = authorityPath == nil ? "transport  = \"plaintext\"\n" : ""
        let tls = authorityPath.map { "[tls]\nca_file = \(quoted($0))\n\n" } ?? ""
        let device = deviceID.map { "\ndevice_id = \(quoted($0))" } ?? ""
        return """
            # Made by mpush-sim for the time that it runs.

            [server]
            endpoints  = [\(quoted(endpoint))]
            public_key = \(quoted(publicKeyPath))
            \(transport)
            \(tls)[identity]
            user = "alice"\(device)

            [state]
            directory = \(quoted(statePath))

            """
    }

    /// A basic string of TOML 1.0.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\" + String(scalar)
            case let control where control.value < 0x20 || control.value == 0x7F:
                let digits = String(control.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
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
