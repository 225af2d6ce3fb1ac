import Glibc

/// Stands in for systemd at the other end of NOTIFY_SOCKET (sd_notify(3)): counts signs of life.
final class NotifySocket {
    let path: String
    private let descriptor: CInt

    init(path: String) throws(BenchError) {
        self.path = path
        descriptor = try checked("socket") { socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw BenchError("\(path): too long for a socket")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let descriptor = descriptor
        _ = try checked("bind") {
            withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
        }
    }

    deinit {
        close(descriptor)
        unlink(path)
    }

    /// How many WATCHDOG=1 came since the last call.
    func takeSignsOfLife() -> Int {
        var count = 0
        var buffer = [UInt8](repeating: 0, count: 8192)
        while case let size = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT)), size > 0 {
            let lines = String(decoding: buffer[..<size], as: UTF8.self).split(separator: "\n")
            count += lines.filter { $0 == "WATCHDOG=1" }.count
        }
        return count
    }
}
