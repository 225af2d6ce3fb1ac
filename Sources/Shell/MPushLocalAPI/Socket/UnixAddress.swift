import Glibc

/// A path as an address of AF_UNIX (unix(7)).
struct UnixAddress {
    /// Room for the path, less the zero at its end.
    static let longestPath = 107

    private var address = sockaddr_un()

    /// nil for a path that is relative, too long, or holds a zero.
    init?(path: String) {
        let bytes = Array(path.utf8)
        guard bytes.first == UInt8(ascii: "/"), bytes.count <= UnixAddress.longestPath, !bytes.contains(0) else {
            return nil
        }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    }

    /// bind(2); errno says what went wrong.
    func bind(_ descriptor: CInt) -> Bool { withPointer { Glibc.bind(descriptor, $0, $1) == 0 } }

    /// connect(2); errno says what went wrong.
    func connect(_ descriptor: CInt) -> Bool { withPointer { Glibc.connect(descriptor, $0, $1) == 0 } }

    private func withPointer(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Bool) -> Bool {
        withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    /// The path that the socket is bound to; empty where there is none.
    static func name(of descriptor: CInt) -> String {
        var address = sockaddr_un()
        var length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard result == 0 else { return "" }
        return withUnsafeBytes(of: address.sun_path) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
