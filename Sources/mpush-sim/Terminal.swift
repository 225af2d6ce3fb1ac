import CLinux
import Glibc
import MPushSimulator

/// Where the program writes: standard output, a line at a time and at once, and standard error for complaints.
struct Terminal: Sendable {
    let isColoured: Bool
    let formatter: EventFormatter

    init(allowsColour: Bool) {
        let isWelcome = getenv("NO_COLOR").map { $0.pointee == 0 } ?? true
        isColoured = allowsColour && isWelcome && isatty(STDOUT_FILENO) == 1
        formatter = EventFormatter(isColoured: isColoured)
    }

    /// The columns of the terminal as it is now; nil where standard output is none, or does not say.
    var width: Int? {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    /// False where nobody listens any more.
    @discardableResult func say(_ text: String) -> Bool {
        Self.write(text + "\n", to: STDOUT_FILENO)
    }

    func complain(_ text: String) {
        Self.write("mpush-sim: \(text)\n", to: STDERR_FILENO)
    }

    @discardableResult private static func write(_ text: String, to descriptor: Int32) -> Bool {
        let bytes = Array(text.utf8)
        return clinux_write_all(descriptor, bytes, bytes.count, 0) == 0
    }
}
