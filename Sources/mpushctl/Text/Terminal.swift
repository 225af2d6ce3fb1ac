import Glibc
import MPushPlatform

/// Standard output and standard error.
struct Terminal {
    /// Whether standard output is a terminal.
    let isTerminal = isatty(STDOUT_FILENO) == 1

    /// Whether colours are welcome (no-color.org).
    var isColoured: Bool {
        let isRefused = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
        return isTerminal && !isRefused
    }

    /// The columns of the terminal as it is now; 100 where it is none.
    var width: Int { size.map { Int($0.ws_col) } ?? 100 }

    /// Its lines; nil where there is no terminal, and so no end of them.
    var height: Int? { size.map { Int($0.ws_row) } }

    private var size: winsize? {
        var size = winsize()
        guard isTerminal, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return nil
        }
        return size
    }

    /// Writes `text` and a line's end, at once.
    func say(_ text: String) throws(ControlFailure) {
        try write(Array(text.utf8) + [UInt8(ascii: "\n")])
    }

    /// Writes `bytes` as they are, at once.
    func write(_ bytes: [UInt8]) throws(ControlFailure) {
        guard let error = FileSystem.writeAll(bytes, to: STDOUT_FILENO) else { return }
        if error.number == EPIPE { throw .readerGone }
        throw .system(error)
    }

    /// Says on standard error what is wrong.
    func complain(_ text: String) {
        _ = FileSystem.writeAll(Array("mpushctl: \(text)\n".utf8), to: STDERR_FILENO)
    }
}

extension Terminal {
    /// Says on standard error what is no part of the output.
    func note(_ text: String) {
        _ = FileSystem.writeAll(Array("\(text)\n".utf8), to: STDERR_FILENO)
    }
}

/// What is piped into the program.
enum StandardInput {
    private static let most = 64 * 1024 * 1024

    /// All of it.
    static func all() throws(ControlFailure) -> [UInt8] {
        do throws(OSError) {
            return try FileSystem.read("/dev/stdin", maximum: most)
        } catch {
            throw error.number == EFBIG ? .usage("standard input has more than 64 MiB") : .system(error)
        }
    }
}
