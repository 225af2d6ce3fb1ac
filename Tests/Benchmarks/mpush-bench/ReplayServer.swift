import Glibc
import MPushTLS

/// A TLS server on loopback that waits for one client after the other.
final class ReplayServer {
    let port: Int
    private let descriptor: CInt
    private let context: TLSContext
    private let workspace: Workspace

    private static let patience = timeval(tv_sec: 20, tv_usec: 0)

    init(_ workspace: Workspace) throws {
        self.workspace = workspace
        context = try TLSContext(server: TLSServerSettings(identity: workspace.serverIdentity))
        descriptor = try checked("socket") { socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) }
        port = try Self.listen(on: descriptor)
        // Also for accept(2), so that a client that never comes ends the benchmark rather than stalling it.
        var patience = Self.patience
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit {
        close(descriptor)
    }

    /// The next client, with TLS established.
    func accept() throws -> ReplayConnection {
        let descriptor = descriptor
        let client = try checked("no client came") { Glibc.accept(descriptor, nil, nil) }
        var on: CInt = 1
        setsockopt(client, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<CInt>.size))
        var patience = Self.patience
        setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let connection = ReplayConnection(client, try TLSEngine(server: context), key: workspace.serverKey)
        try connection.secure()
        return connection
    }

    /// The port that the kernel chose.
    private static func listen(on descriptor: CInt) throws(BenchError) -> Int {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = try withUnsafeMutablePointer(to: &address) { pointer throws(BenchError) in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic throws(BenchError) in
                _ = try checked("bind") { bind(descriptor, generic, size) }
                _ = try checked("listen") { Glibc.listen(descriptor, 4) }
                return try checked("getsockname") { getsockname(descriptor, generic, &size) }
            }
        }
        return Int(in_port_t(bigEndian: address.sin_port))
    }
}
