import MPushModel

/// `[client]`: what the handshake tells the server about this client (PROTOCOL.md section 4.1). None holds a comma.
package struct ClientSettings: Equatable, Sendable {
    /// The operating system. It decides the client type, of which a user can have one connection at a time.
    package let osName: String

    /// The system's version; nil for the kernel's release.
    package let osVersion: String?

    /// The client's version; nil for mpushd's own.
    package let clientVersion: String?
}

extension ClientSettings {
    /// The names that a stock server makes a client type of.
    private static let knownNames = ["android", "ios", "windows", "mac", "linux", "web", "h5"]

    init(reading table: TableReader) {
        func text(_ example: String) -> ValueFormat<String> {
            .text(example: example, atMost: 64, mayHoldComma: false)
        }
        osName = table.value("os_name", takesEffect: .atNextConnection, text("linux"), default: "linux")
        osVersion = table.optional("os_version", takesEffect: .atNextConnection, text("6.1"))
        clientVersion = table.optional("client_version", takesEffect: .atNextConnection, text("1.0"))
        if !ClientSettings.knownNames.contains(osName.lowercased()) {
            table.site(of: "os_name").warn(
                "\(osName.quoted) is not a client type that a stock server knows. It knows "
                    + ClientSettings.knownNames.joined(separator: ", ") + ".")
        }
    }
}
