/// How a host is written. Only a name is resolved, and only a name goes into the TLS server name (RFC 6066 section 3).
package enum HostKind: Hashable, Sendable {
    /// A name of the domain name system.
    case name
    /// An IPv4 address.
    case ipv4
    /// An IPv6 address.
    case ipv6
}
