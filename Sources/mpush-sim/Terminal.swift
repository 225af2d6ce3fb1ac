import CLinux
import Glibc
import MPushSimulator
import NIOCore
import NIOPosix

/// Where the program writes: standard output, a line at a time and at once, and standard error for complaints.
struct Terminal: Sendable {
    let isColoured: Bool
    let formatter: EventFormatter

    init(allowsColour: Bool) {
        let isColourWanted = getenv("NO_COLOR").map { $0.pointee == 0 } ?? true
        isColoured = allowsColour && isColourWanted && isatty(STDOUT_FILENO) == 1
        formatter = EventFormatter(isColoured: isColoured)
    }

    /// The columns of the terminal as it is now; nil where standard output is none, or does not say.
    var width: Int? {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    /// False where nobody listens any more.
    @discardableResult func printLine(_ text: String) -> Bool {
        Self.write(text + "\n", to: STDOUT_FILENO)
    }

    func printError(_ text: String) {
        Self.write("mpush-sim: \(text)\n", to: STDERR_FILENO)
    }

    @discardableResult private static func write(_ text: String, to descriptor: Int32) -> Bool {
        let bytes = Array(text.utf8)
        return clinux_write_all(descriptor, bytes, bytes.count, 0) == 0
    }
}

/// Lines typed on standard input. They are read on a thread of their own: it may be a file or /dev/null, which epoll
/// refuses, and a terminal must not be made non-blocking, because the shell shares it.
enum StandardInput {
    private static let chunkSize = 4096

    /// Hands each line to `handle` on `loop`, the next one when it is done, then calls `end` there.
    static func read(
        on loop: any EventLoop, _ handle: @escaping @Sendable (String) -> EventLoopFuture<Void>,
        end: @escaping @Sendable () -> Void
    ) {
        let pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
        pool.submit { _ in
            var splitter = LineSplitter()
            while let bytes = readChunk() {
                for line in splitter.append(bytes) { try? loop.flatSubmit { handle(line) }.wait() }
            }
            if let line = splitter.end() { try? loop.flatSubmit { handle(line) }.wait() }
            loop.execute(end)
        }
    }

    /// What can be read now; nil at the end.
    private static func readChunk() -> [UInt8]? {
        while true {
            var bytes = [UInt8](repeating: 0, count: chunkSize)
            let count = Glibc.read(STDIN_FILENO, &bytes, bytes.count)
            if count < 0, errno == EINTR { continue }
            return count > 0 ? Array(bytes[..<count]) : nil
        }
    }
}
