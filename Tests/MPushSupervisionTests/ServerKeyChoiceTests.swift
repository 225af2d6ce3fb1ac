import MPushModel
import MPushSupervision
import Testing

/// Which of several keys of a server is tried.
@Suite struct ServerKeyChoiceTests {
    private let one = try? Endpoint(parsing: "a.example:1")
    private let other = try? Endpoint(parsing: "b.example:1")
    private static let refused = LossCause.handshake(.notDecrypted(reason: "x"))

    @Test func afterARefusalTheNextIsTriedAndAfterTheLastTheFirst() throws {
        let endpoint = try #require(one)
        var choice = ServerKeyChoice(of: 3)
        var tried: [Int] = []
        for _ in 0..<4 {
            tried.append(choice.number(for: endpoint))
            choice.ended(Self.refused, at: endpoint)
        }
        #expect(tried == [0, 1, 2, 0])
    }

    /// Two servers of which one has the new key already: each comes to its own.
    @Test func eachEndpointHasItsOwn() throws {
        let (one, other) = (try #require(one), try #require(other))
        var choice = ServerKeyChoice(of: 2)
        choice.ended(Self.refused, at: one)
        #expect(choice.number(for: one) == 1 && choice.number(for: other) == 0)
    }

    @Test func whatIsNoRefusalOfAKeyChangesNothing() throws {
        let endpoint = try #require(one)
        var choice = ServerKeyChoice(of: 2)
        for cause in [LossCause.closedByPeer(detail: nil), .handshake(.closed(isSecured: true)), .connect(detail: "x")]
        {
            choice.ended(cause, at: endpoint)
        }
        #expect(choice == ServerKeyChoice(of: 2))
        var only = ServerKeyChoice(of: 1)
        only.ended(Self.refused, at: endpoint)
        #expect(only.number(for: endpoint) == 0)
    }

    @Test func endpointsWithoutEndAreNotKept() throws {
        var choice = ServerKeyChoice(of: 2)
        for port in 1...1000 { choice.ended(Self.refused, at: try Endpoint(parsing: "a.example:\(port)")) }
        let kept = try (1...1000).filter { choice.number(for: try Endpoint(parsing: "a.example:\($0)")) == 1 }
        #expect((1...64).contains(kept.count))
    }
}
