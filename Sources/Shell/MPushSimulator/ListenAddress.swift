package import NIOCore

/// Where to listen: a numeric address and a port, `127.0.0.1:3000` or `[::1]:0`.
package struct ListenAddress: Equatable, Sendable {
    /// Without brackets.
    package let host: String
    /// 0 lets the kernel choose.
    package let port: Int

    /// Reads what is written; nil where it is no such address.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        let host = text[..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        let bare = isBracketed ? String(host.dropFirst().dropLast()) : String(host)
        guard bare.contains(":") == isBracketed, (try? SocketAddress(ipAddress: bare, port: Int(port))) != nil else {
            return nil
        }
        self.host = bare
        self.port = Int(port)
    }
}

extension ListenAddress: CustomStringConvertible {
    /// As it is written.
    package var description: String {
        (host.contains(":") ? "[\(host)]" : host) + ":\(port)"
    }
}

extension SocketAddress {
    /// `127.0.0.1:3000` or `[::1]:3000`, as people and configuration files write it.
    package var hostAndPort: String {
        let host = ipAddress ?? "?"
        let port = port.map { ":\($0)" } ?? ""
        return (host.contains(":") ? "[\(host)]" : host) + port
    }
}
