import CLinux
import Glibc

/// A path as an address of AF_UNIX (unix(7)).
package struct UnixAddress: Equatable, Sendable {
    /// Bytes that a path may have.
    package static let longestPath = Int(CLINUX_LONGEST_SOCKET_PATH)

    private let path: [UInt8]

    /// nil for a path that is empty, too long, or holds a zero.
    package init?(path: String) {
        self.path = Array(path.utf8)
        guard !self.path.isEmpty, self.path.count <= UnixAddress.longestPath, !self.path.contains(0) else { return nil }
    }

    /// bind(2); errno says what went wrong.
    package func bind(_ descriptor: CInt) -> Bool { clinux_bind_path(descriptor, path, path.count) == 0 }

    /// connect(2); errno says what went wrong.
    package func connect(_ descriptor: CInt) -> Bool { clinux_connect_path(descriptor, path, path.count) == 0 }

    /// The path that the socket is bound to; empty where there is none.
    package static func path(of descriptor: CInt) -> String {
        // One byte more than we would bind to: the kernel lets others fill the room to its end.
        var path = [UInt8](repeating: 0, count: longestPath + 1)
        let count = Int(clinux_bound_path(descriptor, &path, path.count))
        return String(decoding: path.prefix(max(count, 0)), as: UTF8.self)
    }
}
