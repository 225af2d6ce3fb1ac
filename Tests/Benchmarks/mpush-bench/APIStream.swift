import Glibc

/// One answer of the local API, read until something is in it.
final class APIStream {
    private let descriptor: CInt
    private var text = ""
    private var chunk = [UInt8](repeating: 0, count: 65_536)

    init(path: String, asking target: String, isLast: Bool) throws {
        descriptor = try checked("socket") { socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0) }
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw BenchError("\(path): too long")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        _ = try withUnsafePointer(to: &address) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                try checked("\(path): connect") {
                    connect(descriptor, generic, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
        }
        let end = isLast ? "Connection: close\r\n" : ""
        TextFile.say("GET \(target) HTTP/1.1\r\nHost: mpushd\r\n\(end)\r\n", to: descriptor)
    }

    deinit {
        close(descriptor)
    }

    /// Reads until `part` has come and its line has ended; gives all that came since the last time.
    @discardableResult
    func readLine(with part: String) throws -> String {
        while true {
            if let range = text.firstRange(of: part),
                let end = text[range.upperBound...].firstIndex(of: "\n")
                    ?? text[range.upperBound...].firstIndex(of: "\r\n")
            {
                let found = String(text[..<end])
                text = String(text[text.index(after: end)...])
                return found
            }
            let count = read(descriptor, &chunk, chunk.count)
            guard count > 0 else { throw BenchError("the API did not say \(part)") }
            text += String(decoding: chunk[..<count], as: UTF8.self)
        }
    }
}
