import Foundation
import Glibc
import MPushTestSupport

/// A proxy that is not ours, in a process of its own: Debian's tinyproxy or microsocks, or a few lines of Python. Ended with
/// this object.
final class ProxyPeer {
    let port: UInt16
    private let process = Process()
    private let folder: URL

    struct DidNotStart: Error {}

    /// Whether `program` is installed; else a reason for which a test is skipped.
    static func has(_ program: String) -> Bool { access("/usr/bin/\(program)", X_OK) == 0 }

    /// A proxy for CONNECT, whose tunnels may be idle for `timeout` seconds. It allows `ports` alone, all where there are none.
    static func tinyproxy(
        user: String? = nil, password: String = "", timeout: Int = 600, ports: [Int] = [], port: UInt16? = nil
    ) throws -> ProxyPeer {
        let port = try port ?? LoopbackPort.unused()
        var lines = ["Port \(port)", "Listen 127.0.0.1", "Timeout \(timeout)", "MaxClients 100", "LogLevel Critical"]
        if let user { lines.append("BasicAuth \(user) \(password)") }
        lines += ports.map { "ConnectPort \($0)" }
        return try ProxyPeer(
            port, "/usr/bin/tinyproxy", files: ["tinyproxy.conf": lines.joined(separator: "\n") + "\n"]
        ) {
            ["-d", "-c", "\($0)/tinyproxy.conf"]
        }
    }

    /// A proxy for SOCKS 5.
    static func microsocks(user: String? = nil, password: String = "") throws -> ProxyPeer {
        let port = try LoopbackPort.unused()
        let login = user.map { ["-u", $0, "-P", password] } ?? []
        return try ProxyPeer(port, "/usr/bin/microsocks") { _ in ["-i", "127.0.0.1", "-p", "\(port)"] + login }
    }

    /// TLS in front of the proxy at `inner`.
    static func tls(to inner: UInt16, chain: [UInt8], key: [UInt8]) throws -> ProxyPeer {
        let port = try LoopbackPort.unused()
        let script = """
            import socket, ssl, sys, threading
            folder, port, inner = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(folder + "/chain.pem", folder + "/key.pem")
            def copy(source, sink):
                try:
                    while data := source.recv(65536): sink.sendall(data)
                except OSError: pass
                for end in (source, sink):
                    try: end.shutdown(socket.SHUT_RDWR)
                    except OSError: pass
            def serve(client):
                try: secure = context.wrap_socket(client, server_side=True)
                except OSError: return
                server = socket.create_connection(("127.0.0.1", inner))
                threading.Thread(target=copy, args=(server, secure), daemon=True).start()
                copy(secure, server)
            listener = socket.create_server(("127.0.0.1", port))
            while True: threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

            """
        let files = [
            "relay.py": script, "chain.pem": String(decoding: chain, as: UTF8.self),
            "key.pem": String(decoding: key, as: UTF8.self),
        ]
        return try ProxyPeer(port, "/usr/bin/python3", files: files) { ["\($0)/relay.py", $0, "\(port)", "\(inner)"] }
    }

    /// - Parameter arguments: of the folder that has `files`.
    private init(
        _ port: UInt16, _ program: String, files: [String: String] = [:], arguments: (String) -> [String]
    ) throws {
        self.port = port
        folder = FileManager.default.temporaryDirectory.appending(path: "proxy-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, content) in files {
            try content.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
        }
        process.executableURL = URL(filePath: program)
        process.arguments = arguments(folder.path)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        let end = ContinuousClock.now + .seconds(10)
        while !ProxyPeer.listens(port) {
            guard process.isRunning, ContinuousClock.now < end else { throw DidNotStart() }
            usleep(5000)
        }
    }

    deinit {
        stop()
        try? FileManager.default.removeItem(at: folder)
    }

    func stop() {
        guard process.isRunning else { return }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    private static func listens(_ port: UInt16) -> Bool {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
