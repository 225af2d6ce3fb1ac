import MPushTLS
import Testing

@Suite struct TLSSessionCacheTests {
    private let authorities: TestAuthorities

    init() throws {
        authorities = try TestAuthorities()
    }

    private func session(_ version: TLSVersion = .tls13) throws -> TLSSession {
        var kept: [TLSSession] = []
        let server = try authorities.server { $0.versions = version...version }
        let pair = try EnginePair(client: authorities.client(), server: server) { kept.append($0) }
        pair.run()
        return try #require(kept.last)
    }

    private func key(_ host: String) throws -> TLSSessionKey {
        TLSSessionKey(host: host, port: 3443, trust: try #require(try authorities.client().trustDigest))
    }

    @Test func givesASessionOfTLS13OnceAndTheNewestFirst() throws {
        let cache = TLSSessionCache()
        let (older, newer) = (try session(), try session())
        cache.store(older, for: try key("a"))
        cache.store(newer, for: try key("a"))
        #expect(cache.take(for: try key("a")) === newer)
        #expect(cache.take(for: try key("a")) === older)
        #expect(cache.take(for: try key("a")) == nil)
    }

    @Test func givesASessionOfTLS12AgainAndAgain() throws {
        let cache = TLSSessionCache()
        let session = try session(.tls12)
        cache.store(session, for: try key("a"))
        #expect(cache.take(for: try key("a")) === session)
        #expect(cache.take(for: try key("a")) === session)
    }

    @Test func dropsTheOldestWhenItIsFull() throws {
        let cache = TLSSessionCache(capacity: 3, capacityPerKey: 2)
        let session = try session(.tls12)
        for host in ["a", "b", "b", "b"] { cache.store(session, for: try key(host)) }
        #expect(cache.count == 3)
        cache.store(session, for: try key("c"))
        #expect(cache.count == 3)
        #expect(cache.take(for: try key("a")) == nil)
        #expect(cache.take(for: try key("b")) != nil)
    }

    @Test func forgetsByKeyAndAltogether() throws {
        let cache = TLSSessionCache()
        let session = try session(.tls12)
        for host in ["a", "b", "c"] { cache.store(session, for: try key(host)) }
        cache.remove(for: try key("b"))
        #expect(cache.take(for: try key("b")) == nil)
        #expect(cache.take(for: try key("c")) != nil)
        cache.removeAll()
        #expect(cache.count == 0)
    }
}
