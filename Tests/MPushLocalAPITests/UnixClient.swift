import Glibc

/// A client of bare bytes, which may be as rude as it likes. It blocks, for 10 s at most.
final class UnixClient: Sendable {
    struct Refused: Error {}

    private let descriptor: CInt

    init(_ path: String) throws {
        descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let result = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            close(descriptor)
            throw Refused()
        }
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    /// Sends all of `text`; false when the other side does not take it.
    @discardableResult
    func send(_ text: String) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    func endInput() { shutdown(descriptor, CInt(SHUT_WR)) }

    /// What comes next; nil at the end.
    func receive() -> String? {
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        let count = recv(descriptor, &chunk, chunk.count, 0)
        return count > 0 ? String(decoding: chunk[..<count], as: UTF8.self) : nil
    }

    /// How much of what has come was read, at most `count` bytes; 0 at the end.
    func receive(atMost count: Int) -> Int {
        var chunk = [UInt8](repeating: 0, count: count)
        return max(0, recv(descriptor, &chunk, count, 0))
    }

    /// All that comes until `end`, or the other side's end.
    func receive(until end: String) -> String {
        var text = ""
        while !text.contains(end), let next = receive() { text += next }
        return text
    }

    /// All that comes until the other side's end.
    func receiveAll() -> String { receive(until: "\u{0}\u{0}") }
}
