package import MPushConfiguration

/// Where to connect to, and in what order.
package struct EndpointPlan: Equatable, Sendable {
    /// The configured servers; what to fall back on where an allocator is used. May be empty then.
    package var endpoints: [Endpoint]
    /// Try the configured servers in a new random order in each round, not as they are listed.
    package var isShuffled: Bool
    /// Whom to ask at the beginning of each round (PROTOCOL.md section 8); nil for nobody.
    package var allocator: HTTPURL?

    package init(endpoints: [Endpoint], isShuffled: Bool, allocator: HTTPURL?) {
        self.endpoints = endpoints
        self.isShuffled = isShuffled
        self.allocator = allocator
    }
}
