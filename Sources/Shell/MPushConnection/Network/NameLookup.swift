package import MPushPlatform
package import NIOCore

/// Asks the network for the addresses of host names, a bounded number of them at once. Belongs to its event loop.
package final class NameLookup {
    /// A lookup that hangs in the resolver library cannot be stopped: this many of them are borne, the next ones wait.
    static let mostLookups = 16
    /// Who asks when so many wait already is told so at once.
    static let mostWaiting = 20_000

    private let eventLoop: any EventLoop
    let network: any Network
    private var underWay = 0
    private var waiting: [(host: String, port: UInt16, completion: (Network.Addresses) -> Void)] = []

    package init(on eventLoop: any EventLoop, network: any Network) {
        self.eventLoop = eventLoop
        self.network = network
    }

    /// Whether nobody waits for an answer.
    package var isIdle: Bool { underWay == 0 && waiting.isEmpty }

    /// Calls `completion` on the event loop with the addresses of `host`, the best first (RFC 6724). An address is its own
    /// answer, at once.
    package func resolve(_ host: String, port: UInt16, completion: @escaping (Network.Addresses) -> Void) {
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
        do throws(OSError) {
            try network.resolve(host, port: port, on: eventLoop) { [self] addresses in ended(addresses, completion) }
        } catch {
            let detail = "no thread can be had to look up \(host) (\(error))"
            ended(.failure(LookupFailure(detail: detail, isShortage: true)), completion)
        }
    }

    private func ended(_ addresses: Network.Addresses, _ completion: (Network.Addresses) -> Void) {
        underWay -= 1
        completion(addresses)
        startNext()
    }
}
