package import MPushCause
package import MPushConfiguration

/// What the driver of an identity has to do, in the order in which it is told.
package enum SupervisorAction: Equatable, Sendable {
    /// Ask the allocator, then call `allocatorAnswered` or `allocatorFailed`.
    case askAllocator
    /// Resolve, connect, secure and open a session; then `becameOnline`, and `connectionEnded` in any case.
    case connect(Endpoint)
    /// Close the connection, or give up the attempt; then call `connectionEnded` with this cause.
    case close(LossCause)
    /// What was asked for hangs: let go of it, whatever it does, then call `connectionEnded` with this cause.
    case abandon(LossCause)
    /// Tell people.
    case report(SupervisorReport)
}
