import MPushModel
import MPushSimulator
import MPushTLS
import MPushTestSupport
import Testing

@Suite struct TLSSessionCacheTests {
    private let authorities: TestAuthorities
    private let clock = SettableClock(wall: TestAuthorities.year(2040))

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
        let cache = TLSSessionCache(clock: clock)
        let (older, newer) = (try session(), try session())
        cache.store(older, for: try key("a"))
        cache.store(newer, for: try key("a"))
        #expect(cache.take(for: try key("a"))?.session === newer)
        #expect(cache.take(for: try key("a"))?.session === older)
        #expect(cache.take(for: try key("a")) == nil)
    }

    @Test func givesASessionOfTLS12AgainAndAgain() throws {
        let cache = TLSSessionCache(clock: clock)
        let session = try session(.tls12)
        cache.store(session, for: try key("a"))
        #expect(cache.take(for: try key("a"))?.session === session)
        #expect(cache.take(for: try key("a"))?.session === session)
    }

    @Test func aSessionIsGoodForADay() throws {
        let cache = TLSSessionCache(clock: clock)
        cache.store(try session(.tls12), for: try key("a"))
        clock.advance(by: TLSSessionCache.longestTrust - .seconds(1))
        #expect(cache.take(for: try key("a")) != nil)
        clock.advance(by: .seconds(1))
        #expect(cache.take(for: try key("a")) == nil)
    }

    /// However often it is resumed: no chain was shown since.
    @Test(arguments: [TLSVersion.tls12, .tls13])
    func aResumedSessionIsNoNewJudgement(version: TLSVersion) throws {
        let cache = TLSSessionCache(clock: clock)
        let server = try authorities.server { $0.versions = version...version }
        let client = try authorities.client()
        let key = try key("a")
        var offer: TLSSessionCache.Offer?
        for hour in 0..<24 {
            let before = offer
            let pair = try EnginePair(client: client, server: server, session: before?.session) {
                cache.store($0, for: key, after: before)
            }
            pair.run()
            #expect(pair.clientInfo?.isResumed == (hour > 0))
            clock.advance(by: .seconds(3600))
            offer = cache.take(for: key)
            #expect((offer == nil) == (hour == 23))
        }
    }

    @Test func aSessionEndsWithTheFirstOfItsCertificates() throws {
        let cache = TLSSessionCache(clock: clock)
        let ending = clock.wall.millisecondsSince1970 + 3_600_000
        let brief = TestAuthorities.year(2020)...WallTime(millisecondsSince1970: ending)
        let issuing = try authorities.root.issueAuthority(name: "Brief CA", validity: brief)
        try keepSession(of: issuing.issue(names: ["push.example.com"]), in: cache)
        try expectGoodForAnHour(cache)
    }

    @Test func aSessionEndsWithTheListThatItWasJudgedBy() throws {
        let cache = TLSSessionCache(clock: clock)
        let ending = clock.wall.millisecondsSince1970 + 3_600_000
        let list = try authorities.root.revocationListPEM(
            validity: TestAuthorities.year(2020)...WallTime(millisecondsSince1970: ending))
        try keepSession(of: authorities.root.issue(names: ["push.example.com"]), lists: list, in: cache)
        try expectGoodForAnHour(cache)
    }

    private func keepSession(
        of certificate: ThrowawayCertificate, lists: [UInt8]? = nil, in cache: TLSSessionCache
    ) throws {
        let key = try key("a")
        let client = try authorities.client { $0.revocationListsPEM = lists }
        let server = try authorities.server(certificate: certificate) { $0.versions = .tls12 ... .tls12 }
        try EnginePair(client: client, server: server) { cache.store($0, for: key) }.run()
    }

    private func expectGoodForAnHour(_ cache: TLSSessionCache) throws {
        let key = try key("a")
        clock.advance(by: .seconds(3599))
        #expect(cache.take(for: key) != nil)
        clock.advance(by: .seconds(1))
        #expect(cache.take(for: key) == nil)
    }

    @Test func aSessionThatNobodyVouchedForIsNotKept() throws {
        let cache = TLSSessionCache(clock: clock)
        let (server, key) = (try authorities.server(), try key("a"))
        var kept: [TLSSession] = []
        let first = try EnginePair(client: authorities.client(), server: server) { kept.append($0) }
        first.run()
        let second = try EnginePair(client: authorities.client(), server: server, session: kept.last) {
            cache.store($0, for: key)
        }
        second.run()
        #expect(second.clientInfo?.isResumed == true)
        #expect(cache.count == 0)
    }

    @Test func dropsTheOldestWhenItIsFull() throws {
        let cache = TLSSessionCache(capacity: 3, capacityPerKey: 2, clock: clock)
        let session = try session(.tls12)
        for host in ["a", "b", "b", "b"] { cache.store(session, for: try key(host)) }
        #expect(cache.count == 3)
        cache.store(session, for: try key("c"))
        #expect(cache.count == 3)
        #expect(cache.take(for: try key("a")) == nil)
        #expect(cache.take(for: try key("b")) != nil)
    }

    @Test func forgetsByKeyAndAltogether() throws {
        let cache = TLSSessionCache(clock: clock)
        let session = try session(.tls12)
        for host in ["a", "b", "c"] { cache.store(session, for: try key(host)) }
        cache.remove(for: try key("b"))
        #expect(cache.take(for: try key("b")) == nil)
        #expect(cache.take(for: try key("c")) != nil)
        cache.removeAll()
        #expect(cache.count == 0)
    }
}
