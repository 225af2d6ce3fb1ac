import MPushModel
import MPushPlatform
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
        do throws(LookupFailure) {
            let addresses = try AddressList(of: host, port: port).addresses
            return addresses.isEmpty ? .failure(LookupFailure(detail: "it has no address")) : .success(addresses)
        } catch {
            return .failure(error)
        }
    }
}
