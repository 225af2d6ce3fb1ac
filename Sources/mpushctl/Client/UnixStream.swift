import Glibc
import MPushPlatform
import MPushTime

/// A connection to a unix socket that blocks, with a bound on how long.
final class UnixStream {
    private let descriptor: CInt

    /// Connects to the socket at `path`.
    init(path: String) throws(ControlFailure) {
        descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .system(OSError(errno, "socket")) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard !bytes.isEmpty, bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw .usage("--socket: a path has 1 to \(MemoryLayout.size(ofValue: address.sun_path) - 1) bytes")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw UnixStream.failure(errno, path) }
    }

    deinit {
        close(descriptor)
    }

    private static func failure(_ number: CInt, _ path: String) -> ControlFailure {
        guard number == EACCES || number == EPERM else { return .notThere(path: path, number: number) }
        var status = stat()
        guard stat(path, &status) == 0 else { return .notPermitted(path: path, group: nil) }
        return .notPermitted(path: path, group: status.st_gid == 0 ? nil : groupName(status.st_gid))
    }

    private static func groupName(_ number: gid_t) -> String {
        var entry = group()
        var found: UnsafeMutablePointer<group>?
        var buffer = [CChar](repeating: 0, count: 64 * 1024)
        let isKnown = getgrgid_r(number, &entry, &buffer, buffer.count, &found) == 0 && found != nil
        return isKnown ? String(cString: entry.gr_name) : String(number)
    }

    /// Sends all of `bytes`. A peer that hung up may have answered all the same, so that is no failure.
    func write(_ bytes: [UInt8]) throws(ControlFailure) {
        guard let error = FileSystem.writeAll(bytes, to: descriptor) else { return }
        guard error.number == EPIPE || error.number == ECONNRESET else { throw .system(error) }
    }

    /// What has come, after waiting for it; empty at the end.
    func read(within limit: Duration) throws(ControlFailure) -> [UInt8] {
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let ready = poll(&wait, 1, CInt(clamping: limit.wholeMilliseconds))
            if ready < 0, errno == EINTR { continue }
            guard ready != 0 else { throw .timedOut(after: limit) }
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == ECONNRESET { return [] }
            guard count >= 0 else { throw .system(OSError(errno, "read")) }
            return Array(chunk[..<count])
        }
    }
}
