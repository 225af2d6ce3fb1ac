import CLinux

/// The release of the running kernel (uname(2)), without what could not stand in a handshake.
enum KernelRelease {
    static func current() -> String {
        var text = [CChar](repeating: 0, count: 256)
        guard clinux_kernel_release(&text, text.count) == 0 else { return "unknown" }
        let release = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let plain = release.filter { $0 != "," && $0 > " " }
        return plain.isEmpty ? "unknown" : String(plain.prefix(64))
    }
}
