import MPushCipher
import MPushModel
import MPushSimulator
import MPushWire
import NIOCore
import Testing

@Suite struct SimulatedSessionTests {
    @Test func aSecondConnectionOfTheSameTypeKicksTheFirst() throws {
        var first = try SessionBench(ServerRegistry(), id: 1)
        _ = try first.handshake(device: "one", osName: "linux")
        _ = try first.bind("alice")
        var second = try SessionBench(first.registry, id: 2)
        _ = try second.handshake(device: "two", osName: "Windows 11")
        _ = try second.bind("alice")
        #expect(second.kicked == [ConnectionID(1)])
        #expect(second.registry.connections(of: "alice") == [ConnectionID(2)])
    }

    @Test func connectionsOfDifferentTypesLiveSideBySide() throws {
        var first = try SessionBench(ServerRegistry(), id: 1)
        _ = try first.handshake(device: "one", osName: "linux")
        _ = try first.bind("alice")
        var second = try SessionBench(first.registry, id: 2)
        _ = try second.handshake(device: "two", osName: "android")
        _ = try second.bind("alice")
        #expect(second.kicked == [])
        #expect(second.registry.connections(of: "alice") == [ConnectionID(1), ConnectionID(2)])
    }

    @Test func theEndOfAKickedConnectionLeavesItsSuccessorBound() throws {
        var first = try SessionBench(ServerRegistry(), id: 1)
        _ = try first.handshake(device: "one")
        _ = try first.bind("alice")
        var second = try SessionBench(first.registry, id: 2)
        _ = try second.handshake(device: "two")
        _ = try second.bind("alice")
        first.session.closed(in: &second.registry)
        #expect(second.registry.connections(of: "alice") == [ConnectionID(2)])
        second.session.closed(in: &second.registry)
        #expect(second.registry.connections(of: "alice") == [])
    }

    /// The texts of the OKs and ERRORs among `answers`, with the commands that they name.
    private func words(_ answers: [SessionBench.Answer]) throws -> [String] {
        try answers.compactMap { answer in
            guard case .frame(let frame) = answer else { return nil }
            switch frame.command {
            case .ok:
                let answer = try OkAnswer(decoding: frame.body, of: .ok)
                return "OK \(answer.command) \(answer.data)"
            case .error:
                let answer = try ErrorAnswer(decoding: frame.body, of: .error)
                return "ERROR \(answer.command) \(answer.reason)"
            default: return nil
            }
        }
    }

    @Test func anotherUserIsBoundWithTwoOKsThatNameBind() throws {
        var bench = try SessionBench(ServerRegistry())
        _ = try bench.handshake(device: "one")
        _ = try bench.bind("alice")
        #expect(try words(bench.bind("bob")) == ["OK BIND unbind success", "OK BIND bind success"])
    }

    @Test func aUserThatIsRefusedCostsTheOneBefore() throws {
        var settings = SimulatedServerSettings()
        settings.refusedUsers = ["mallory"]
        var bench = try SessionBench(ServerRegistry(settings: settings))
        _ = try bench.handshake(device: "one")
        _ = try bench.bind("alice")
        #expect(try words(bench.bind("mallory")) == ["OK BIND unbind success", "ERROR BIND bind failed"])
        #expect(bench.isClosed)
        #expect(bench.session.user == nil)
        #expect(bench.registry.connections(of: "alice") == [])
    }

    @Test func aSessionThatHoldsACommaCannotBeResumed() throws {
        var bench = try SessionBench(ServerRegistry())
        _ = try bench.handshake(device: "one", osName: "linux,x")
        #expect(bench.registry.sessions.count == 0)
        _ = try bench.handshake(device: "two")
        #expect(bench.registry.sessions.count == 1)
    }

    @Test func aSessionEndsWithItsTimeAndWhenAllExpire() throws {
        var bench = try SessionBench(ServerRegistry())
        _ = try bench.handshake(device: "one")
        let request = FastConnectRequest(
            sessionID: "offered", deviceID: "one", minimumHeartbeat: .zero, maximumHeartbeat: .seconds(1))
        let frame = Frame(command: .fastConnect, sessionID: 5, body: request.encoded)
        #expect(try code(of: bench.receive(frame)) == nil)
        bench.now = Instant(sinceBoot: .seconds(86_400))
        #expect(try code(of: bench.receive(frame)) == .sessionExpired)
        bench.now = .zero
        bench.registry.sessions.expireAll()
        #expect(try code(of: bench.receive(frame)) == .sessionExpired)
    }

    @Test func faultsChangeTheAnswers() throws {
        var bench = try SessionBench(ServerRegistry())
        bench.session.behaviour.toldHeartbeat = .milliseconds(-1)
        let answers = try bench.handshake(device: "one")
        guard case .frame(let frame) = answers.first else { throw TestClient.Unexpected(what: "no answer") }
        let cipher = try AESCipher(key: SessionBench.zeros, iv: SessionBench.zeros)
        let answer = try HandshakeAnswer(decoding: cipher.decrypt(frame.body), of: .handshake)
        #expect(answer.heartbeat == .milliseconds(-1))

        bench.session.behaviour.answersHeartbeats = false
        #expect(try bench.receive([0xDF]) == [])
        bench.session.behaviour.refusesBind = true
        #expect(try code(of: bench.bind("alice")) == ReasonCode.none)
        #expect(bench.isClosed)
    }

    private func code(of answers: [SessionBench.Answer]) throws -> ReasonCode? {
        guard case .frame(let frame) = answers.first, frame.command == .error else { return nil }
        return try ErrorAnswer(decoding: frame.body, of: .error).code
    }
}
