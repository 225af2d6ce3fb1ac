/// Which of several endpoints is tried first.
package enum EndpointOrder: String, CaseIterable, Sendable {
    /// The first one listed; the next when it fails.
    case listed
    /// Any, so that many daemons spread over the servers.
    case shuffled
}
