import CLinux
import Glibc
import MPushPlatform
import MPushTime
package import NIOCore

/// Turns host names into addresses with getaddrinfo(3), which asks whatever the machine is set up to ask. Each lookup has
/// a thread of its own for as long as it takes; how many there may be at once is bounded. Belongs to its event loop.
package final class NameLookup {
    package typealias Answer = Result<[SocketAddress], LookupFailure>

    /// Why a name has no address, in words.
    package struct LookupFailure: Error, Equatable, Sendable {
        package let detail: String
    }

    /// A lookup that hangs in the resolver library cannot be stopped: this many of them are borne, the next ones wait.
    static let mostLookups = 16
    /// Who asks when so many wait already is told so at once.
    static let mostWaiting = 20_000

    private let eventLoop: any EventLoop
    private let ask: @Sendable (String, UInt16) -> Answer
    private var underWay = 0
    private var waiting: [(host: String, port: UInt16, completion: (Answer) -> Void)] = []

    /// - Parameter ask: what may block; getaddrinfo(3) where not given.
    package init(
        on eventLoop: any EventLoop,
        asking ask: @escaping @Sendable (_ host: String, _ port: UInt16) -> Answer = NameLookup.askResolver
    ) {
        self.eventLoop = eventLoop
        self.ask = ask
    }

    /// Whether nobody waits for an answer.
    package var isIdle: Bool { underWay == 0 && waiting.isEmpty }

    /// Calls `completion` on the event loop with the addresses of `host`, the best first (RFC 6724). An address is its own
    /// answer, at once.
    package func resolve(_ host: String, port: UInt16, completion: @escaping (Answer) -> Void) {
        if let address = try? SocketAddress(ipAddress: host, port: Int(port)) { return completion(.success([address])) }
        guard waiting.count < NameLookup.mostWaiting else {
            return completion(.failure(LookupFailure(detail: "\(waiting.count) earlier lookups have no answer yet")))
        }
        waiting.append((host, port, completion))
        startNext()
    }

    private func startNext() {
        guard underWay < NameLookup.mostLookups, !waiting.isEmpty else { return }
        let (host, port, completion) = waiting.removeFirst()
        underWay += 1
        let answered = NIOLoopBound(completion, eventLoop: eventLoop)
        let lookup = NIOLoopBound(self, eventLoop: eventLoop)
        do {
            try ShortThread.run { [eventLoop, ask] in
                let answer = ask(host, port)
                eventLoop.execute { lookup.value.ended(answer, answered.value) }
            }
        } catch {
            ended(.failure(LookupFailure(detail: "\(error)")), completion)
        }
    }

    private func ended(_ answer: Answer, _ completion: (Answer) -> Void) {
        underWay -= 1
        completion(answer)
        startNext()
    }

    package static func askResolver(_ host: String, _ port: UInt16) -> Answer {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_flags = AI_NUMERICSERV
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &list)
        defer { if let list { freeaddrinfo(list) } }
        guard status == 0 else { return .failure(LookupFailure(detail: words(for: status))) }
        let addresses = sequence(first: list, next: { $0?.pointee.ai_next }).compactMap { entry in
            entry.flatMap { address(of: $0.pointee, host: host) }
        }
        return addresses.isEmpty ? .failure(LookupFailure(detail: "it has no address")) : .success(addresses)
    }

    private static func words(for status: CInt) -> String {
        if status == EAI_SYSTEM { return OSError.words(for: errno) }
        let text = String(cString: gai_strerror(status))
        return text.prefix(1).lowercased() + text.dropFirst()
    }

    private static func address(of entry: addrinfo, host: String) -> SocketAddress? {
        guard let bytes = UnsafeRawPointer(entry.ai_addr) else { return nil }
        switch entry.ai_family {
        case AF_INET where Int(entry.ai_addrlen) >= MemoryLayout<sockaddr_in>.size:
            return SocketAddress(bytes.loadUnaligned(as: sockaddr_in.self), host: host)
        case AF_INET6 where Int(entry.ai_addrlen) >= MemoryLayout<sockaddr_in6>.size:
            return SocketAddress(bytes.loadUnaligned(as: sockaddr_in6.self), host: host)
        default:
            return nil
        }
    }
}
