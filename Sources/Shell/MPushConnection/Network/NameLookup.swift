package import MPushModel
package import MPushPlatform
import MPushSupervision
package import NIOCore

/// Asks the network for the addresses of host names, as a `LookupTable` says, and remembers which addresses and proxies
/// failed. Belongs to its event loop.
package final class NameLookup {
    package typealias Answer = NameAnswer<SocketAddress>

    /// A lookup whose answers are awaited.
    package struct Request {
        fileprivate let asker: LookupTable<SocketAddress>.Asker
    }

    let network: any Network
    private let timer: LoopTimer
    private var table = LookupTable<SocketAddress>()
    private var completions: [LookupTable<SocketAddress>.Asker: (Answer) -> Void] = [:]
    private var memory = AddressMemory<SocketAddress>()
    private var proxies = ProxyMemory()
    private var owner: LoopTimer.Owner?

    package init(by timer: LoopTimer, network: any Network) {
        self.timer = timer
        self.network = network
        owner = timer.makeOwner { [weak self] now in
            guard let self else { return }
            run(table.deadlineReached(at: now))
        }
    }

    deinit { if let owner { timer.remove(owner) } }

    /// Whether nobody waits for an answer.
    package var isIdle: Bool { table.isIdle }

    /// Calls `completion` on the event loop with the addresses of `host`, each time that some are known, until the last
    /// answer. An address is its own answer, at once: then there is no request.
    /// - Parameter usesOld: whether addresses of an earlier lookup will do where no answer comes.
    package func resolve(
        _ host: String, port: UInt16, for purpose: LookupPurpose, usesOld: Bool, completion: @escaping (Answer) -> Void
    ) -> Request? {
        if let address = try? SocketAddress(ipAddress: host, port: Int(port)) {
            completion(Answer([address], isLast: true))
            return nil
        }
        let (asker, actions) = table.asked(host, port: port, for: purpose, usesOld: usesOld, at: timer.now)
        completions[asker] = completion
        run(actions)
        return Request(asker: asker)
    }

    /// No answer is wanted any more.
    package func cancel(_ request: Request) {
        completions[request.asker] = nil
        table.cancelled(request.asker)
        rearm()
    }

    // MARK: - What is known of addresses

    /// The addresses of `host`, as far as they are known without asking anybody.
    package func known(_ host: String, port: UInt16) -> [SocketAddress] {
        if let address = try? SocketAddress(ipAddress: host, port: Int(port)) { return [address] }
        return table.known(host, port: port)
    }

    /// A connection to it was of use, or it was not.
    package func learned(_ address: SocketAddress, isGood: Bool) {
        if isGood { memory.succeeded(address) } else { memory.failed(address, at: timer.now) }
    }

    /// Whether it failed when it was last tried, not long ago.
    func isSuspect(_ address: SocketAddress) -> Bool { memory.isSuspect(address, at: timer.now) }

    /// The proxy did not help, and without it there was a connection.
    func directHelped(insteadOf proxy: ProxyURL) { proxies.directHelped(insteadOf: proxy, at: timer.now) }

    /// The machine has these addresses now: what was learnt of proxies goes by them.
    package func moved(to addresses: Set<String>) { proxies.moved(to: addresses) }

    /// The direct way is none any more.
    func forget(_ proxy: ProxyURL) { proxies.forget(proxy) }

    /// Whether to try without it first.
    func isDirectFirst(_ proxy: ProxyURL) -> Bool { proxies.isDirectFirst(proxy, at: timer.now) }

    // MARK: - The table

    private func run(_ actions: [LookupTable<SocketAddress>.Action]) {
        rearm()
        for action in actions {
            switch action {
            case .ask(let question): ask(question)
            case .answer(let asker, let answer):
                let completion = completions[asker]
                if answer.isLast { completions[asker] = nil }
                completion?(answer)
            }
        }
    }

    private func ask(_ question: LookupTable<SocketAddress>.Question) {
        do throws(OSError) {
            try network.resolve(question.host, port: question.port, question.family, on: timer.eventLoop) {
                [self] addresses in
                run(table.answered(question, addresses, at: timer.now))
            }
        } catch {
            let detail = "no thread can be had to look up \(question.host) (\(error))"
            run(table.answered(question, .failure(LookupFailure(detail: detail, isShortage: true)), at: timer.now))
        }
    }

    private func rearm() {
        if let owner { timer.set(table.nextDeadline, for: owner) }
    }
}
