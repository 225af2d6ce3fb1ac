/// A configuration with which mpushd connects to a simulator as it is.
package enum ClientConfigurationFile {
    /// TOML for `endpoint`. The paths are absolute; without an authority the transport is plain TCP.
    package static func text(
        endpoint: String, publicKeyPath: String, authorityPath: String?, statePath: String
    ) -> String {
        let transport = authorityPath == nil ? "transport  = \"plaintext\"\n" : ""
        let tls = authorityPath.map { "[tls]\nca_file = \(quoted($0))\n\n" } ?? ""
        return """
            # Made by mpush-sim for the time that it runs.

            [server]
            endpoints  = [\(quoted(endpoint))]
            public_key = \(quoted(publicKeyPath))
            \(transport)
            \(tls)[identity]
            user = "alice"

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
