package import MPushControl

/// What a walk is asked for.
package struct DoctorOptions {
    package var configurationFile = "/etc/mpushd/mpushd.toml"
    /// By its name in the configuration; nil for the only one.
    package var identity: String?
    /// `host:port`; nil for the one that is configured first, or that the allocator names first.
    package var endpoint: String?
    /// Binds though a daemon is online as the same user, which the server may then take the user from.
    package var bindsInAnyCase = false
    /// The version that the handshake tells the server.
    package let version: String
    /// What a running daemon says of the identity of this name; nil where none runs, or it knows no such identity.
    package var askDaemon: (String) -> IdentityReport? = { _ in nil }

    package init(version: String) {
        self.version = version
    }
}
