import MPushModel
import MPushSession
import MPushTestSupport
import MPushWire
import NIOCore
import Testing

/// The four captured sessions between a running MPush server and its Java client, with our client in its place.
@Suite struct CapturedSessionTests {
    private func replayed(_ name: String) throws -> [SessionReplay.Connection] {
        var replay = try SessionReplay(name)
        try replay.run()
        return replay.connections
    }

    private func texts(_ connection: SessionReplay.Connection) -> [String] {
        connection.actions.delivered.map { String(buffer: $0.content) }
    }

    @Test(arguments: SessionVectors.names)
    func sendsTheSameFramesToTheByte(name: String) throws {
        for connection in try replayed(name) {
            #expect(!connection.captured.isEmpty)
            #expect(connection.sent == connection.captured)
            #expect(connection.heartbeats > 0)
        }
    }

    @Test func handshakesBindsPushesAndProxies() throws {
        let connections = try replayed("session_a_handshake")
        let session = try #require(connections.first)
        #expect(connections.count == 1)
        #expect(
            texts(session).map { $0.prefix(14) } == ["推送-noack", "auto ack push", "biz ack push", "compress compr"])
        #expect(session.actions.delivered.map(\.ackDemand) == [.never, .whenStored, .whenConsumed, .whenStored])
        #expect(session.actions.tickets.count == 1)
        #expect(session.actions.contains(.report(.unbound)))
        #expect(session.actions.contains(.report(.rebound(userID: "cap", tags: ["t"]))))
        #expect(session.actions.filter { $0 == .complete(.first, .done) }.count == 2)
        let answers = session.actions.compactMap { action in
            if case .complete(.second, .httpAnswer(let answer)) = action { answer } else { nil }
        }
        #expect(answers.map(\.status) == [200, 200, 200])
        #expect(answers.map(\.body.readableBytes) == [10, 40_000, 10])
        #expect(session.actions.closings.isEmpty)
    }

    @Test func resumesTwiceAndTheNumbersGoOn() throws {
        let connections = try replayed("session_b_fast_connect")
        #expect(
            connections.map { $0.actions.sentHeaders } == [
                ["FAST_CONNECT 1", "BIND 2", "ACK 5"], ["FAST_CONNECT 3", "BIND 4", "ACK 6"],
            ])
        #expect(connections.map(texts) == [["after fast connect"], ["after drop"]])
        for connection in connections {
            #expect(connection.actions.tickets.isEmpty)
            #expect(!connection.actions.contains(.forgetTicket))
        }
    }

    @Test func handshakesOnTheSameConnectionWhenTheSessionExpired() throws {
        let connections = try replayed("session_c_expired")
        let session = try #require(connections.first)
        #expect(connections.count == 1)
        #expect(session.actions.sentHeaders == ["FAST_CONNECT 1", "HANDSHAKE 2", "BIND 3", "ACK 1"])
        #expect(session.actions.contains(.forgetTicket))
        #expect(session.actions.contains(.report(.resumeRefused(reason: "session expired"))))
        #expect(session.actions.tickets.count == 1)
        #expect(texts(session) == ["after session expired"])
    }

    /// The Java client stays after a KICK, and hears a second one; ours ends there.
    @Test func endsAtTheFirstKick() throws {
        let session = try #require(try replayed("session_d_kick").first)
        #expect(session.actions.closings == [.kicked])
        #expect(session.actions.last == .close(.kicked))
        #expect(session.heartbeats >= 1)
    }
}
