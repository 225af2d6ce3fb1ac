import Glibc

/// The release of the running kernel (uname(2)), without what could not stand in a handshake.
enum KernelRelease {
    static func current() -> String {
        var names = utsname()
        guard uname(&names) == 0 else { return "unknown" }
        let release = withUnsafeBytes(of: &names.release) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        let plain = release.filter { $0 != "," && $0 > " " }
        return plain.isEmpty ? "unknown" : String(plain.prefix(64))
    }
}
