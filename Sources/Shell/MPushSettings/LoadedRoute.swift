package import MPushConfiguration
package import MPushSecret
package import MPushTLS

/// A route with all that it refers to read and understood.
package struct LoadedRoute {
    package let settings: RouteSettings
    /// For a webhook with https; nil for any other target.
    package let tls: TLSContext?
    /// The key that a webhook's requests are signed with; nil for none.
    package let secret: SecretBytes?

    package init(settings: RouteSettings, tls: TLSContext? = nil, secret: SecretBytes? = nil) {
        self.settings = settings
        self.tls = tls
        self.secret = secret
    }
}
