/// What is known of a group of users that the configuration names.
package enum GroupCondition: Hashable, Sendable {
    /// It is there, with this number.
    case known(UInt32)
    /// It is there, but this process cannot tell its members from others: its user namespace hides the group
    /// (user_namespaces(7)).
    case hidden
    /// There is no such group.
    case missing
    /// The machine could not be asked, and why: `connection refused`.
    case unavailable(reason: String)
}
