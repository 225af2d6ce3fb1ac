import Glibc
import MPushSimulator

/// Where the program writes: standard output, a line at a time and at once, and standard error for complaints.
struct Terminal: Sendable {
    let formatter: EventFormatter

    init(allowsColour: Bool) {
        let isWelcome = getenv("NO_COLOR").map { $0.pointee == 0 } ?? true
        formatter = EventFormatter(isColoured: allowsColour && isWelcome && isatty(STDOUT_FILENO) == 1)
    }

    func say(_ text: String) {
        Self.write(text + "\n", to: STDOUT_FILENO)
    }

    func complain(_ text: String) {
        Self.write("mpush-sim: \(text)\n", to: STDERR_FILENO)
    }

    /// Nobody is told where nobody listens any more.
    private static func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return }
            rest = rest.dropFirst(written)
        }
    }
}
