/// The steps of the way to a message, in their order.
package enum DoctorStep: String, CaseIterable, Sendable {
    case configuration
    /// Only where one is configured.
    case allocator
    case name
    case tcp
    case tls
    case handshake
    case resume
    case bind
    case heartbeat
}
