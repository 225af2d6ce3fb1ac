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

extension LoadedRoute: Equatable {
    /// Equal where nothing has changed that the route does: neither its settings nor the content of the files that they
    /// name, nor what `[tls]` demands of every server.
    package static func == (left: LoadedRoute, right: LoadedRoute) -> Bool {
        (left.settings, left.secret) == (right.settings, right.secret)
            && left.tls?.trustDigest == right.tls?.trustDigest
    }
}
