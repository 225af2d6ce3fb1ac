import Glibc
import MPushSimulator
import NIOCore
import NIOPosix

/// Lines typed on standard input. They are read on a thread of their own: it may be a file or /dev/null, which epoll
/// refuses, and a terminal must not be made non-blocking, because the shell shares it.
enum StandardInput {
    private static let chunkSize = 4096

    /// Hands each line to `take` on `loop`, the next one when it is done, then calls `end` there.
    static func read(
        on loop: any EventLoop, _ take: @escaping @Sendable (String) -> EventLoopFuture<Void>,
        end: @escaping @Sendable () -> Void
    ) {
        let pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
        pool.submit { _ in
            var splitter = LineSplitter()
            while let bytes = readChunk() {
                for line in splitter.append(bytes) { try? loop.flatSubmit { take(line) }.wait() }
            }
            if let line = splitter.end() { try? loop.flatSubmit { take(line) }.wait() }
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
