import Glibc

/// Ports of the loopback interface, for peers that are told theirs and do not let the kernel choose.
package enum LoopbackPort {
    /// All ports are in use.
    package struct NoneFree: Error {
        package init() {}
    }

    /// A TCP port that nobody had a moment ago.
    package static func unused() throws(NoneFree) -> UInt16 {
        let listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        return try bound(listener)
    }

    /// Binds a socket to a port that the kernel chooses, and gives that.
    package static func bound(_ listener: CInt) throws(NoneFree) -> UInt16 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard isBound else { throw NoneFree() }
        return UInt16(bigEndian: address.sin_port)
    }
}
