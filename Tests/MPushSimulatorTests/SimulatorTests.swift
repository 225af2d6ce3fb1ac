import MPushCipher
import MPushModel
import MPushSimulator
import MPushWire
import NIOCore
import NIOPosix
import Testing

/// The simulator over real sockets.
@Suite(.timeLimit(.minutes(1))) struct SimulatorTests {
    @Test(arguments: [false, true])
    func aWholeSession(secured: Bool) async throws {
        try await SimulatorBench.run(secured: secured) { bench in
            var client = try await bench.connect()
            let answer = try await client.handshake(device: "d", bench.simulator.publicKey)
            #expect(answer.heartbeat == .seconds(180))
            let bound = try await client.bind("alice")
            #expect(try OkAnswer(decoding: bound.body, of: .ok).data == "bind success")
            try await client.beat()
            #expect(await client.next() == .heartbeat)

            let reports = bench.simulator.push(ByteBuffer(string: "hello"), to: "alice")
            let push = try await client.nextFrame()
            #expect(push.flags == [.crypto, .autoAck])
            #expect(push.sessionID == 1)
            #expect(try client.open(push) == ByteBuffer(string: "hello"))
            try await client.acknowledge(push)
            guard case .acknowledged(let latency) = try await reports.get().first?.outcome else {
                throw TestClient.Unexpected(what: "not acknowledged")
            }
            #expect(latency > .zero)

            let statistics = try await bench.simulator.statistics().get()
            #expect(statistics.connectionsNow == 1 && statistics.handshakes == 1 && statistics.binds == 1)
            #expect(statistics.heartbeats == 1 && statistics.pushes == 1 && statistics.acks == 1)
            #expect(statistics.ackLatencyMean == latency)
        }
    }

    /// As the real server, 40 times of 40: an ERROR, never a bare close.
    @Test func aHandshakeForAnotherKeyIsAnsweredBeforeTheClose() async throws {
        try await SimulatorBench.run { bench in
            var client = try await bench.connect()
            let other = try RSAPrivateKey.generate().publicKey
            try await client.send(client.handshakeRequest(device: "d", other))
            let answer = try await client.nextFrame()
            #expect(answer.command == .error && answer.flags == [] && answer.sessionID == 1)
            let error = try ErrorAnswer(decoding: answer.body, of: .error)
            #expect(error.command == .handshake && error.code == .dispatchError)
            #expect(error.reason == "handle message error")
            #expect(await client.next() == .closed(left: 0))
        }
    }

    @Test func aSessionIsResumedUntilAllExpire() async throws {
        try await SimulatorBench.run { bench in
            let first = try await bench.opened()
            var second = try await bench.connect()
            #expect(try await second.resume(first, device: "device").command == .fastConnect)
            #expect(try await second.bind("alice").command == .ok)
            try await bench.simulator.inject(.expireSessions).get()
            var third = try await bench.connect()
            let refusal = try await third.resume(first, device: "device")
            #expect(try ErrorAnswer(decoding: refusal.body, of: .error).code == .sessionExpired)
        }
    }

    @Test func aSecondBindKicksTheFirst() async throws {
        try await SimulatorBench.run { bench in
            var first = try await bench.bound("alice", device: "one")
            let second = try await bench.bound("alice", device: "two")
            let kick = try await first.nextFrame()
            #expect(kick.command == .kick && kick.sessionID == 0)
            let body = try KickMessage(decoding: first.open(kick), of: .kick)
            #expect(body == KickMessage(deviceID: "one", userID: "alice"))
            let event = try await bench.simulator.event { $0.kind == .kicked(user: "alice") }.get()
            #expect(event.connection == ConnectionID(1))
            try await first.beat()
            #expect(await first.next() == .heartbeat)
            _ = second
        }
    }

    @Test func whatIsNotAcknowledgedTimesOutOrIsLost() async throws {
        try await SimulatorBench.run { bench in
            var client = try await bench.bound("alice")
            let late = bench.simulator.push(ByteBuffer(string: "x"), to: "alice", deadline: .milliseconds(30))
            let push = try await client.nextFrame()
            #expect(try await late.get().map(\.outcome) == [.timedOut])
            try await client.acknowledge(push)

            let lost = bench.simulator.push(ByteBuffer(string: "y"), to: "alice", flags: .bizAck)
            _ = try await client.nextFrame()
            try await client.channel.close()
            #expect(try await lost.get().map(\.outcome) == [.lost])
            #expect(try await bench.simulator.push(ByteBuffer(string: "z"), to: "alice").get() == [])
            #expect(try await bench.simulator.statistics().get().ackTimeouts == 1)
        }
    }

    @Test func broadcastsReachThoseWithTheTag() async throws {
        try await SimulatorBench.run { bench in
            var alice = try await bench.bound("alice", tags: "news,sport")
            let bob = try await bench.bound("bob", tags: "newspaper")
            let content = ByteBuffer(string: "it rains")
            let reports = try await bench.simulator.broadcast(content, tags: ["news"], flags: []).get()
            #expect(reports == [PushReport(connection: ConnectionID(1), number: 1, outcome: .sent)])
            let push = try await alice.nextFrame()
            #expect(try alice.open(push) == content)
            _ = bob
        }
    }

    @Test(arguments: [false, true])
    func aFloodIsCountedToItsLastAck(secured: Bool) async throws {
        try await SimulatorBench.run(secured: secured) { bench in
            var client = try await bench.bound("alice")
            let content = ByteBuffer(repeating: 0x61, count: 200)
            let report = bench.simulator.flood(content, to: "alice", count: 2000)
            for number in 1...2000 as ClosedRange<Int32> {
                let push = try await client.nextFrame()
                #expect(push.sessionID == number)
                if number % 500 == 0 { #expect(try client.open(push) == content) }
                try await client.acknowledge(push)
            }
            let result = try await report.get()
            #expect(result.sent == 2000 && result.acknowledged == 2000 && result.isComplete)
        }
    }

    @Test func longContentIsCompressed() async throws {
        try await SimulatorBench.run { bench in
            var client = try await bench.bound("alice")
            let content = ByteBuffer(repeating: 0x61, count: 20_000)
            _ = bench.simulator.push(content, to: "alice", flags: [])
            let push = try await client.nextFrame()
            #expect(push.flags == [.crypto, .compress])
            #expect(try client.open(push) == content)
        }
    }

    @Test func aFrameOverTheLimitClosesTheConnection() async throws {
        try await SimulatorBench.run { bench in
            var client = try await bench.bound("alice")
            let body = ByteBuffer(repeating: 0, count: 10 * 1024 + 1)
            try await client.send(Frame(command: .push, sessionID: 1, body: body))
            #expect(await client.next() == .closed(left: 0))
            let event = try await bench.simulator.event { $0.kind == .closed(.oversize) }.get()
            #expect(event.user == "alice")
        }
    }

    @Test func theProxyEchoesWhereItIsServed() async throws {
        var settings = SimulatedServerSettings()
        settings.servesHTTPProxy = true
        try await SimulatorBench.run(settings: settings) { bench in
            var client = try await bench.bound("alice")
            let header = HTTPProxyHeader(name: "X-Test", value: "1")
            let request = HTTPProxyRequest(
                method: .post, uri: "http://example.com/a", headers: [header], body: ByteBuffer(string: "body"))
            try await client.send(
                Frame(
                    command: .httpProxy, flags: .crypto, sessionID: 9,
                    body: try #require(client.cipher).encrypt(request.encoded)))
            let answer = try HTTPProxyAnswer(decoding: client.open(await client.nextFrame()), of: .httpProxy)
            #expect(answer.status == 200)
            #expect(String(buffer: answer.body) == "post http://example.com/a\nX-Test: 1\n\nbody")
        }
    }

    @Test func theAllocatorListsTheSimulator() async throws {
        try await SimulatorBench.run { bench in
            let allocator = try await bench.simulator.startAllocator().get()
            let text = try await Self.get(allocator)
            #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(text.hasSuffix("\r\n\r\n" + bench.address.hostAndPort))
            try await bench.simulator.allocate("nonsense").get()
            #expect(try await Self.get(allocator).hasSuffix("\r\n\r\nnonsense"))
        }
    }

    @Test func whoWaitsWhenItShutsDownIsTold() async throws {
        try await SimulatorBench.run { bench in
            var client = try await bench.bound("alice")
            let event = bench.simulator.event { $0.kind == .heartbeat }
            try await bench.simulator.shutDown().get()
            #expect(await client.next() == .closed(left: 0))
            await #expect(throws: SimulatorError.shutDown) { try await event.get() }
        }
    }

    /// What a web server answers to a GET, whole.
    private static func get(_ address: SocketAddress) async throws -> String {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(to: address) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: "GET / HTTP/1.1\r\nHost: x\r\n\r\n"))
            var text = ""
            for try await bytes in inbound { text += String(buffer: bytes) }
            return text
        }
    }
}
