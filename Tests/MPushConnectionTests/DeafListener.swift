import Foundation
import Glibc
import NIOCore

/// A socket on 127.0.0.1 that listens and whose queue is full: who connects gets no answer at all.
final class DeafListener: Sendable {
    let port: UInt16
    private let descriptors: [CInt]

    init() throws {
        let listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var descriptors = [listener]
        try DeafListener.check(try DeafListener.call(bind, listener, port: 0))
        try DeafListener.check(listen(listener, 0))
        port = try DeafListener.port(of: listener)
        // What fits into the queue: one with a backlog of zero. The others make sure of it.
        for _ in 0..<4 {
            let filler = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | O_NONBLOCK, 0)
            _ = try DeafListener.call(connect, filler, port: port)
            descriptors.append(filler)
        }
        self.descriptors = descriptors
    }

    deinit {
        for descriptor in descriptors { close(descriptor) }
    }

    /// How many sockets of this machine wait for an answer from here (state 02, SYN_SENT, of /proc/net/tcp), those that
    /// fill the queue not counted.
    func waiting() throws -> Int {
        let file = FileHandle(forReadingAtPath: "/proc/net/tcp")
        let table = String(decoding: try file?.readToEnd() ?? Data(), as: UTF8.self)
        let place = String(format: "0100007F:%04X", port)
        let count = table.split(separator: "\n").count { line in
            let columns = line.split(separator: " ")
            return columns.count > 3 && columns[2] == place && columns[3] == "02"
        }
        return count - fillersWaiting
    }

    private var fillersWaiting: Int {
        descriptors.dropFirst().count { descriptor in
            var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            return Glibc.poll(&poll, 1, 0) == 0
        }
    }

    private static func call(
        _ function: (CInt, UnsafePointer<sockaddr>?, socklen_t) -> CInt, _ descriptor: CInt, port: UInt16
    ) throws -> CInt {
        try SocketAddress(ipAddress: "127.0.0.1", port: Int(port)).withSockAddr { address, size in
            function(descriptor, address, socklen_t(size))
        }
    }

    /// The port that the kernel chose: bytes 2 and 3 of a sockaddr_in (ip(7)).
    private static func port(of descriptor: CInt) throws -> UInt16 {
        var address = [UInt8](repeating: 0, count: 16)
        var length = socklen_t(address.count)
        let status = address.withUnsafeMutableBytes { bytes in
            getsockname(descriptor, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress, &length)
        }
        try check(status)
        return UInt16(address[2]) << 8 | UInt16(address[3])
    }

    private static func check(_ status: CInt) throws {
        if status != 0 { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EINVAL) }
    }
}
