import Glibc

/// A line that goes to a program, or comes from one, which opens the pipe by its name.
final class NamedPipe {
    private let descriptor: CInt

    init(_ path: String) throws(BenchError) {
        // Open for both, neither of them waits for the other end, and there is no end to be read.
        guard mkfifo(path, 0o600) == 0, case let opened = open(path, O_RDWR | O_CLOEXEC), opened >= 0 else {
            throw BenchError("\(path): no pipe can be made")
        }
        descriptor = opened
    }

    deinit {
        close(descriptor)
    }

    func write(_ line: String) { TextFile.say("\(line)\n", to: descriptor) }

    /// A short line, which is written at once; nil where none comes in time.
    func line(within limit: Duration) -> String? {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, CInt(clamping: limit.components.seconds * 1000)) == 1 else { return nil }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = read(descriptor, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }
}
