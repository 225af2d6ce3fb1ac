/// The labels that metrics have, in the order in which they are written.
package enum MetricLabel: String, CaseIterable, Sendable {
    /// The name of an identity.
    case identity
    /// The name of a route.
    case route
    /// A state of a connection.
    case state
    /// A code of the closed list of causes.
    case cause
    /// How something ended: `confirmed`, `failed`, `rejected`, `abandoned` for attempts of routes; `done`, `refused`,
    /// `timed-out`, `connection-lost`, `not-sent` for requests.
    case result
    /// What was asked of the server: `push`, `http`, `bind`, `unbind`, `tags`.
    case request
    /// Of the program.
    case version
}
