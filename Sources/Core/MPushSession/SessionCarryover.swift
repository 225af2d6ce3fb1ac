package import MPushModel

/// What an identity's sessions hand on, each to the next: a session has it from its begin to its end, and the driver of
/// the identity in between.
package struct SessionCarryover: Equatable, Sendable {
    package var binding: UserBinding
    package var httpProxyRefusals = HTTPProxyRefusals()
    /// How often the stored session was tried and led nowhere, since it was made or was of use last.
    package internal(set) var vainResumptions = 0
    /// The number of the next request: 1 to Int32.max. It goes on from one connection to the next.
    package internal(set) var nextRequestNumber: Int32

    package init(binding: UserBinding, nextRequestNumber: Int32 = 1) {
        self.binding = binding
        self.nextRequestNumber = max(1, nextRequestNumber)
    }
}

extension SessionCarryover {
    /// The configuration was read while there is no session.
    package mutating func configurationRead(_ new: SessionIdentity) -> [RequestCompletion] {
        httpProxyRefusals.forgetAll()
        return binding.configurationRead(new)
    }
}

/// The servers that make no HTTP requests for clients: each close the connection when they are asked (PROTOCOL.md section
/// 4.7), so they are not asked again for a day, or until the configuration is read. Bounded.
package struct HTTPProxyRefusals: Equatable, Sendable {
    /// How long a server is not asked again.
    package static let lifetime = Duration.seconds(86_400)
    static let capacity = 16

    private var until: [Endpoint: Instant] = [:]

    package init() {}

    /// `endpoint` has refused at `now`.
    mutating func refused(by endpoint: Endpoint, at now: Instant) {
        until = until.filter { now < $0.value }
        if until.count >= HTTPProxyRefusals.capacity, let oldest = until.min(by: { $0.value < $1.value })?.key {
            until[oldest] = nil
        }
        until[endpoint] = now + HTTPProxyRefusals.lifetime
    }

    /// Whether `endpoint` is not to be asked at `now`.
    package func holds(_ endpoint: Endpoint, at now: Instant) -> Bool { until[endpoint].map { now < $0 } ?? false }

    /// All may be asked again.
    package mutating func forgetAll() {
        until = [:]
    }
}
