import CLinux
import Glibc
import MPushModel
import MPushPlatform
import NIOCore

/// What getaddrinfo(3) answered. It owns the list.
struct AddressList: ~Copyable {
    /// What is taken of an answer: it has the best first, and nobody tries more.
    static let mostAddresses = 64

    private let first: UnsafeMutablePointer<addrinfo>

    /// Asks, which may block for long. `host` ends at its first NUL, so it must have none.
    init(of host: String, port: UInt16, _ family: AddressFamily) throws(LookupFailure) {
        var hints = addrinfo()
        switch family {
        case .v4: hints.ai_family = AF_INET
        case .v6: hints.ai_family = AF_INET6
        }
        hints.ai_flags = AI_NUMERICSERV
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &list)
        // Where it fails there is no list, whatever the pointer says.
        guard status == 0 else { throw LookupFailure(status: status, error: errno) }
        guard let list else { throw LookupFailure(detail: "it has no address", isDefinite: true) }
        first = list
    }

    deinit { freeaddrinfo(first) }

    /// The addresses of the families that we know, at most `mostAddresses`.
    var addresses: [SocketAddress] {
        var found: [SocketAddress] = []
        var next: UnsafeMutablePointer<addrinfo>? = first
        while let entry = next, found.count < AddressList.mostAddresses {
            if let address = AddressList.address(of: entry.pointee) { found.append(address) }
            next = entry.pointee.ai_next
        }
        return found
    }

    /// The family says what the bytes are, and the length whether they are all there.
    private static func address(of entry: addrinfo) -> SocketAddress? {
        guard let bytes = UnsafeRawPointer(entry.ai_addr) else { return nil }
        switch entry.ai_family {
        case AF_INET where Int(entry.ai_addrlen) >= MemoryLayout<sockaddr_in>.size:
            return SocketAddress(bytes.loadUnaligned(as: sockaddr_in.self))
        case AF_INET6 where Int(entry.ai_addrlen) >= MemoryLayout<sockaddr_in6>.size:
            return SocketAddress(bytes.loadUnaligned(as: sockaddr_in6.self))
        default:
            return nil
        }
    }
}

extension LookupFailure {
    /// What getaddrinfo(3) gave, and errno, which says what one status means.
    init(status: CInt, error: CInt) {
        if status == EAI_SYSTEM {
            self.init(detail: OSError.text(for: error), isShortage: OSError.isShortage(error))
            return
        }
        let text = String(cString: gai_strerror(status))
        // EAI_NODATA and EAI_ADDRFAMILY of netdb.h, which glibc declares for _GNU_SOURCE alone: the name is there, and has no
        // address of this family.
        let isDefinite = [EAI_NONAME, -5, -9].contains(status)
        self.init(
            detail: text.prefix(1).lowercased() + text.dropFirst(), isShortage: status == EAI_MEMORY,
            isDefinite: isDefinite)
    }
}
