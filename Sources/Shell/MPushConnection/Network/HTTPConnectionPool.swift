import MPushModel
package import MPushPlatform

/// Connections to one server that nobody uses now, kept for the next request (RFC 9112 section 9.3). All lead to the same
/// place in the same way: where that changes, `removeAll` is called. Belongs to its event loop.
package final class HTTPConnectionPool {
    /// However busy, a connection is not used for longer: names come to mean other addresses.
    static let longestLife = Duration.seconds(300)
    /// Who is told to close at that time may do so a little earlier.
    private static let margin = Duration.seconds(1)

    private struct Kept {
        let exchange: HTTPExchange
        let due: Instant
    }

    private let timer: LoopTimer
    private let most: Int
    /// How long a connection is kept that nobody uses.
    private var idleLimit: Duration
    /// The latest last: it is the one that works most likely.
    private var kept: [Kept] = []
    private var owner: LoopTimer.Owner?
    private var isClosed = false
    /// Of connections that may be kept: those that were made before the last change may not.
    private(set) var generation = 0

    /// - Parameters:
    ///   - idleLimit: how long a connection is kept that nobody uses; zero for not at all.
    ///   - most: connections that nobody uses, at most.
    package init(idleLimit: Duration, most: Int, timer: LoopTimer) {
        self.idleLimit = idleLimit
        self.most = most
        self.timer = timer
    }

    /// Whether a request is to leave its connection open.
    var isUsed: Bool { idleLimit > .zero && !isClosed }

    /// How many nobody uses.
    package var count: Int { kept.count }

    /// One that nobody uses; nil where there is none.
    func take() -> HTTPExchange? {
        defer { rearm() }
        while let last = kept.popLast() {
            if last.due > timer.now, last.exchange.isReusable { return last.exchange }
            last.exchange.close()
        }
        return nil
    }

    /// Keeps `exchange`, which was made in `generation`, or closes it. `answer` is what the server said last.
    func keep(_ exchange: HTTPExchange, of generation: Int, after answer: HTTPAnswer) {
        let now = timer.now
        var limit = idleLimit
        if let theirs = KeepAlive.timeout(in: answer) { limit = min(limit, theirs - HTTPConnectionPool.margin) }
        let due = min(now + limit, exchange.opened + HTTPConnectionPool.longestLife)
        guard isUsed, generation == self.generation, exchange.isReusable, due > now, kept.count < most else {
            return exchange.close()
        }
        exchange.onIdleEnd = { [weak self, weak exchange] in
            self?.kept.removeAll { $0.exchange === exchange }
            self?.rearm()
        }
        kept.append(Kept(exchange: exchange, due: due))
        rearm()
    }

    /// Closes what nobody uses. What is in use is not kept afterwards.
    package func removeAll(idleLimit: Duration? = nil) {
        self.idleLimit = idleLimit ?? self.idleLimit
        generation += 1
        closeKept()
    }

    /// Closes what nobody uses: one of them was found to be dead.
    func distrust() { closeKept() }

    /// Nothing is kept any more.
    package func close() {
        isClosed = true
        closeKept()
        if let owner { timer.remove(owner) }
        owner = nil
    }

    private func closeKept() {
        let closing = kept
        kept = []
        for one in closing { one.exchange.close() }
        rearm()
    }

    private func rearm() {
        guard !isClosed else { return }
        let due = kept.map(\.due).min()
        if owner == nil, due == nil { return }
        let owner = owner ?? timer.makeOwner { [weak self] now in self?.closeDue(at: now) }
        self.owner = owner
        timer.set(due, for: owner)
    }

    private func closeDue(at now: Instant) {
        let due = kept.filter { $0.due <= now }
        kept.removeAll { $0.due <= now }
        for one in due { one.exchange.close() }
        rearm()
    }
}

/// The Keep-Alive field that many servers send (RFC 2068 section 19.7.1.1): `timeout=5, max=100`.
enum KeepAlive {
    /// How long the server leaves a connection open that nobody uses; nil where it does not say.
    static func timeout(in answer: HTTPAnswer) -> Duration? {
        guard let field = answer.field("Keep-Alive") else { return nil }
        for part in field.split(separator: ",") {
            let pair = part.split(separator: "=", maxSplits: 1).map { $0.filter { $0 != " " }.lowercased() }
            guard pair.count == 2, pair[0] == "timeout" else { continue }
            return Int64(pair[1]).flatMap { $0 >= 0 ? .seconds(min($0, 86_400)) : nil }
        }
        return nil
    }
}
