/// Which connections a fault is for. Faults of the whole simulator take no notice of it.
package enum FaultTarget: Equatable, Sendable {
    /// All that are there now.
    case present
    /// Those that are there now and on which this user is bound.
    case user(String)
    /// The next so many that reach this moment.
    case next(Int, at: FaultMoment)
    /// All that reach this moment, until the fault is lifted.
    case coming(at: FaultMoment)
    /// All that are there now and all that come, from the moment on at which they are accepted.
    case everyone
}
