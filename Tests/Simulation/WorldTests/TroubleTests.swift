import Glibc
import MPushModel
import MPushPlatform
import MPushWorld
import NIOCore
import Testing

/// Each trouble of a network, as both ends see it.
@Suite struct TroubleTests {
    private let stage: Stage

    init() throws {
        stage = try Stage()
    }

    /// A connection over which something has come and gone.
    private func connected(userTimeout: Duration = .seconds(30)) throws -> (client: Watcher, server: Watcher) {
        try stage.listen { $0.echoes = true }
        let client = try stage.connect(userTimeout: userTimeout)
        client.send("x")
        try #require(stage.run { client.text == "x" })
        // Until the server knows that it came.
        stage.scheduler.run(for: .milliseconds(100))
        return (client, stage.accepted[0])
    }

    private var seconds: Int64 { stage.scheduler.elapsed.components.seconds }

    // MARK: - No connection

    @Test func nobodyListens() throws {
        #expect(stage.refusal() == ECONNREFUSED)
        try stage.listen()
        #expect(stage.refusal() == nil)
        stage.listener?.close(promise: nil)
        #expect(stage.refusal() == ECONNREFUSED)
    }

    @Test func nobodyIsThere() throws {
        let nowhere = try SocketAddress(ipAddress: "203.0.113.9", port: 3000)
        #expect(throws: ChannelError.connectTimeout(.seconds(10))) {
            _ = try stage.open(to: nowhere).isDone(in: stage.scheduler)
        }
        #expect(seconds == 10)
    }

    @Test func thePatienceOfTheKernelEnds() throws {
        let nowhere = try SocketAddress(ipAddress: "203.0.113.9", port: 3000)
        let error = #expect(throws: IOError.self) {
            _ = try stage.open(to: nowhere, timeout: .seconds(1000)).isDone(in: stage.scheduler, upTo: .seconds(1000))
        }
        #expect(error?.errnoCode == ETIMEDOUT && seconds == 127)
    }

    @Test func thereIsNoRoute() throws {
        try stage.listen()
        stage.client.host.hasRoute = false
        #expect(stage.refusal() == ENETUNREACH)
        #expect(seconds == 0)
        stage.client.host.hasRoute = true
        stage.link.unreachable = EHOSTUNREACH
        #expect(stage.refusal() == EHOSTUNREACH)
        let v6 = try SocketAddress(ipAddress: "2001:db8::7", port: 3000)
        stage.link.unreachable = nil
        #expect(throws: ChannelError.connectTimeout(.seconds(10))) {
            _ = try stage.open(to: v6).isDone(in: stage.scheduler)
        }
        stage.server.host.hasRoute = false
        stage.client.host.shortage = { EMFILE }
        #expect(stage.refusal() == EMFILE)
    }

    @Test func whatIsClosedBeforeItConnectsFailsOnce() throws {
        try stage.listen()
        var channel: (any Channel)?
        let future = stage.client.host.connect(
            to: stage.address, timeout: .seconds(10), userTimeout: .seconds(30), on: stage.client.loop,
            onChannel: { channel = $0 })
        channel?.close(promise: nil)
        #expect(throws: ChannelError.ioOnClosedChannel) { try future.isDone(in: stage.scheduler) }
        stage.scheduler.run(for: .seconds(10))
        #expect(stage.accepted.allSatisfy { $0.isClosed } && stage.client.host.socketCount == 0)
    }

    @Test func aFrontAcceptsAndCloses() throws {
        try stage.listen { $0.onActive = { $0.close(promise: nil) } }
        let client = try stage.connect()
        client.send("hello")
        #expect(stage.run { client.isClosed })
        #expect(client.received.readableBytes == 0)
    }

    // MARK: - Silence

    /// TCP_USER_TIMEOUT, and what was written comes to nobody.
    @Test func silenceIsFoundByWhoWrites() throws {
        let (client, server) = try connected()
        stage.link.setSilent(true)
        client.send("lost")
        let start = seconds
        #expect(stage.run { client.isClosed })
        #expect(client.errno == ETIMEDOUT && seconds - start == 30)
        stage.scheduler.run(for: .seconds(100_000))
        #expect(!server.isClosed)
        stage.link.setSilent(false)
        server.send("?")
        #expect(stage.run { server.isClosed })
        #expect(server.errno == ECONNRESET)
    }

    @Test func withoutATimeoutTheKernelGivesUpAfterAQuarterOfAnHour() throws {
        let (client, _) = try connected(userTimeout: .zero)
        stage.link.setSilent(true)
        client.send("lost")
        let start = seconds
        #expect(stage.run(upTo: .seconds(10_000)) { client.isClosed })
        #expect(client.errno == ETIMEDOUT && (850...1000).contains(seconds - start))
    }

    @Test(arguments: [true, false])
    func whatWasNotAcknowledgedComesWhenTheLinkIsBack(isThere: Bool) throws {
        let (client, server) = try connected(userTimeout: .seconds(1000))
        if isThere { stage.link.there.isSilent = true } else { stage.link.back.isSilent = true }
        client.send("one")
        stage.scheduler.run(for: .seconds(100))
        client.send("two")
        stage.scheduler.run(for: .seconds(100))
        #expect(server.text == (isThere ? "x" : "xonetwo") && client.text == "x")
        stage.link.setSilent(false)
        #expect(stage.run(upTo: .seconds(130)) { client.text == "xonetwo" })
        #expect(server.text == "xonetwo" && !client.isClosed && !server.isClosed)
    }

    @Test func aLinkThatLosesManyPacketsDelivers() throws {
        let (client, server) = try connected(userTimeout: .zero)
        stage.link.there.loss = 0.2
        stage.link.back.loss = 0.2
        let sent = ByteBuffer(bytes: (0..<200_000).map { UInt8(truncatingIfNeeded: $0 / 7) })
        client.send(sent)
        #expect(stage.run(upTo: .seconds(10_000)) { client.received.readableBytes == sent.readableBytes + 1 })
        #expect(client.received.getSlice(at: 1, length: sent.readableBytes) == sent)
        #expect(!server.isClosed)
    }

    @Test func smallPacketsPassAndLargeOnesDoNot() throws {
        let (client, server) = try connected()
        stage.link.there.largestPacket = 1000
        client.send("small")
        #expect(stage.run { client.text == "xsmall" })
        client.send(ByteBuffer(repeating: 1, count: 3000))
        client.send("small")
        #expect(stage.run { client.isClosed })
        #expect(client.errno == ETIMEDOUT && server.text == "xsmall")
    }

    @Test func anotherAddressLeavesOldConnectionsInTheDark() throws {
        let (client, server) = try connected()
        stage.client.host.changeAddress(Stage.clientIP, to: "192.0.2.77")
        server.send("for nobody")
        client.send("from nobody")
        #expect(stage.run { client.isClosed })
        #expect(client.errno == ETIMEDOUT && client.text == "x" && server.text == "x")
        let next = try stage.connect()
        next.send("y")
        #expect(stage.run { next.text == "y" })
        #expect(stage.accepted[1].channel?.remoteAddress?.ipAddress == "192.0.2.77")
    }

    // MARK: - A router that forgets

    @Test(arguments: [WorldLink.Translator.Answer.silence, .reset])
    func anIdleConnectionIsForgotten(answer: WorldLink.Translator.Answer) throws {
        stage.link.translator = WorldLink.Translator(idleLimit: .seconds(300), answer: answer)
        let (client, server) = try connected()
        for _ in 0..<10 {
            stage.scheduler.run(for: .seconds(299))
            client.send("y")
        }
        stage.scheduler.run(for: .seconds(1))
        #expect(client.text == "xyyyyyyyyyy")
        stage.scheduler.run(for: .seconds(301))
        let start = seconds
        server.send("for nobody")
        stage.scheduler.run(for: .seconds(10))
        #expect(client.text == "xyyyyyyyyyy" && !client.isClosed)
        client.send("z")
        #expect(stage.run { client.isClosed })
        #expect(client.errno == (answer == .reset ? ECONNRESET : ETIMEDOUT))
        #expect(seconds - start == (answer == .reset ? 10 : 40))
        let next = try stage.connect()
        stage.link.forgetConnections()
        next.send("y")
        #expect(stage.run { next.isClosed })
    }

    // MARK: - Machines and programs that end

    @Test func aServerProcessThatCrashesResets() throws {
        let (client, server) = try connected()
        stage.server.crashProcess()
        #expect(stage.run { client.isClosed })
        #expect(client.errno == ECONNRESET && !server.isClosed && seconds == 0)
        #expect(stage.refusal() == ECONNREFUSED)
        try stage.listen { $0.echoes = true }
        let next = try stage.connect()
        next.send("y")
        #expect(stage.run { next.text == "y" })
    }

    @Test func aServerThatLosesItsPowerIsSilentAndKnowsNothingAfter() throws {
        let (client, _) = try connected(userTimeout: .seconds(3000))
        stage.server.powerOff()
        client.send("?")
        stage.scheduler.run(for: .seconds(1000))
        #expect(!client.isClosed)
        stage.server.powerOn()
        #expect(stage.run(upTo: .seconds(130)) { client.isClosed })
        #expect(client.errno == ECONNRESET)
    }

    @Test func halfOpenIsFoundByWhoWrites() throws {
        let (client, server) = try connected()
        stage.server.host.forgetConnections()
        stage.scheduler.run(for: .seconds(10_000))
        #expect(!client.isClosed)
        client.send("?")
        #expect(stage.run(upTo: .seconds(1)) { client.isClosed })
        #expect(client.errno == ECONNRESET && !server.isClosed)
    }

    @Test func aProcessThatHangsTakesBytesAndAnswersNothing() throws {
        let (client, server) = try connected()
        stage.server.hang(for: .seconds(500))
        client.send("y")
        let other = try stage.connect()
        other.send("z")
        stage.scheduler.run(for: .seconds(400))
        #expect(!client.isClosed && client.text == "x" && server.text == "x" && stage.accepted.count == 1)
        #expect(stage.run(upTo: .seconds(101)) { client.text == "xy" && other.text == "z" })
    }

    @Test func aClientThatSleepsFindsWhatCameMeanwhile() throws {
        let (client, server) = try connected()
        stage.client.suspend(for: .seconds(20))
        server.send("y")
        stage.scheduler.run(for: .seconds(15))
        #expect(client.text == "x")
        #expect(stage.run(upTo: .seconds(60)) { client.text == "xy" })
        #expect(!server.isClosed)
    }

    @Test func aClientThatCrashesIsForgotten() throws {
        let (client, server) = try connected()
        stage.client.crashProcess()
        #expect(stage.run { server.isClosed })
        #expect(server.errno == ECONNRESET && !client.isClosed && stage.client.host.socketCount == 0)
    }

    @Test func aResetIsSeenByBoth() throws {
        let (client, server) = try connected()
        stage.client.host.resetConnections()
        #expect(stage.run { client.isClosed && server.isClosed })
        #expect(client.errno == ECONNRESET && server.errno == ECONNRESET)
    }

    // MARK: - Names

    private func lookUp(
        _ name: String, _ family: AddressFamily = .v4
    ) throws -> (answer: Result<[String], LookupFailure>, after: Int64) {
        var found: Result<[String], LookupFailure>?
        let start = seconds
        try stage.client.host.resolve(name, port: 3000, family, on: stage.client.loop) { answer in
            found = answer.map { $0.map { "\($0.ipAddress ?? "")|\($0.port ?? 0)" } }
        }
        #expect(found == nil)
        _ = stage.run { found != nil }
        return (try #require(found), seconds - start)
    }

    @Test func namesHaveAllKindsOfAnswers() throws {
        let names = stage.client.host.names
        #expect(try lookUp("192.0.2.9").answer == .success(["192.0.2.9|3000"]))
        let unknown = LookupFailure(detail: "name or service not known", isDefinite: true)
        #expect(try lookUp("a.example").answer == .failure(unknown))
        names.set("a.example", ["198.51.100.7", "198.51.100.8", "2001:db8::7"], delay: .seconds(3))
        let many = try lookUp("a.example")
        #expect(many.answer == .success(["198.51.100.7|3000", "198.51.100.8|3000"]) && many.after == 3)
        #expect(try lookUp("a.example", .v6).answer == .success(["2001:db8::7|3000"]))
        names.entries["a.example"]?.v6 = .silence
        let uncertain = LookupFailure(detail: "temporary failure in name resolution")
        let silent = try lookUp("a.example", .v6)
        #expect(silent.answer == .failure(uncertain) && silent.after == 20)
        #expect(try lookUp("a.example").after == 3)
        names.entries["a.example"]?.v4 = .failure
        #expect(try lookUp("a.example").answer == .failure(uncertain))
        names.set("a.example", ["198.51.100.9"])
        #expect(try lookUp("a.example").answer == .success(["198.51.100.9|3000"]))
        #expect(try lookUp("a.example", .v6).answer == .failure(unknown))
        names.isSilent = true
        #expect(try lookUp("a.example").after == 20)
        names.shortage = { EAGAIN }
        #expect(throws: OSError(EAGAIN, "pthread_create")) { try lookUp("a.example") }
    }
}
