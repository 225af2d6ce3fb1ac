package import NIOCore

extension SocketAddress {
    /// `127.0.0.1:3000` or `[::1]:3000`, as people and configuration files write it.
    package var hostAndPort: String {
        let host = ipAddress ?? "?"
        let port = port.map { ":\($0)" } ?? ""
        return (host.contains(":") ? "[\(host)]" : host) + port
    }
}
