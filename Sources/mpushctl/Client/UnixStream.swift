import Glibc
import MPushModel
import MPushPlatform

/// A connection to a unix socket that blocks, with a bound on how long.
final class UnixStream {
    let descriptor: CInt

    /// Connects to the socket at `path`, within `limit`.
    init(path: String, within limit: Duration) throws(ControlFailure) {
        guard let address = UnixAddress(path: path) else {
            throw .usage("--socket: a path has 1 to \(UnixAddress.longestPath) bytes, none of them NUL")
        }
        descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .system(OSError(errno, "socket")) }
        // Where more clients wait than the kernel keeps in line, connect(2) waits too, for as long as it may send.
        var time = timeval(tv_sec: Int(limit.components.seconds), tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        guard address.connect(descriptor) else { throw UnixStream.failure(errno, path, limit) }
    }

    deinit {
        close(descriptor)
    }

    private static func failure(_ number: CInt, _ path: String, _ limit: Duration) -> ControlFailure {
        if number == EAGAIN { return .timedOut(after: limit) }
        guard number == EACCES || number == EPERM else { return .notThere(path: path, number: number) }
        var status = stat()
        guard stat(path, &status) == 0 else { return .notPermitted(path: path, group: nil) }
        return .notPermitted(path: path, group: status.st_gid == 0 ? nil : SystemGroup(number: status.st_gid).name)
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
