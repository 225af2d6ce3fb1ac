import Glibc

/// A system call that failed: which one, and what errno(3) says.
package struct OSError: Error, Equatable, Sendable {
    package let number: CInt
    package let operation: String

    package init(_ number: CInt, _ operation: String) {
        self.number = number
        self.operation = operation
    }

    /// Whether an errno(3) says that this process or this machine is short of something, and nothing else is wrong:
    /// descriptors, memory, threads and processes.
    package static func isShortage(_ number: CInt) -> Bool {
        switch number {
        case EMFILE, ENFILE, ENOMEM, EAGAIN, ENOBUFS: true
        default: false
        }
    }

    /// The words of strerror(3), in lower case as they stand inside of a sentence: `connection refused`.
    package static func text(for number: CInt) -> String {
        let text = String(cString: strerror(number))
        return text.prefix(1).lowercased() + text.dropFirst()
    }
}

extension OSError: CustomStringConvertible {
    package var description: String { "\(operation): \(OSError.text(for: number))" }
}
