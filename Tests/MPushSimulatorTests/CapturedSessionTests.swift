import MPushModel
import MPushSimulator
import MPushTestSupport
import MPushWire
import NIOCore
import Testing

/// The captured sessions, with the simulated server in the real one's place: the same bytes in, the same bytes out.
@Suite struct CapturedSessionTests {
    @Test(arguments: SessionVectors.names)
    func answersTheJavaClientAsTheServerDid(name: String) throws {
        let capture = try SessionVectors.load(name)
        var bench = try bench(for: capture)
        for connection in Set(capture.chunks.map(\.conn)).sorted() {
            bench = try next(after: bench)
            let chunks = capture.chunks.filter { $0.conn == connection }
            var answers: [SessionBench.Answer] = []
            for chunk in chunks where chunk.dir == "c2s" {
                answers += try bench.receive(#require(bytes(hex: chunk.hex)))
            }
            let expected = try decode(chunks.filter { $0.dir == "s2c" }.map(\.hex))
            #expect(answers.filter(isAnswer) == expected.filter(isAnswer))
            #expect(expected.contains(where: isAnswer))
        }
    }

    /// Pushes and kicks are the server's own doing, and what a proxied server says is nobody's here.
    private func isAnswer(_ answer: SessionBench.Answer) -> Bool {
        guard case .frame(let frame) = answer else { return true }
        return ![.push, .kick, .httpProxy].contains(frame.command)
    }

    private func next(after bench: SessionBench) throws -> SessionBench {
        var fresh = try SessionBench(bench.registry)
        fresh.offer = bench.offer
        return fresh
    }

    /// A server that draws the lots of the capture.
    private func bench(for capture: SessionVectors) throws -> SessionBench {
        var settings = BadInputsTests.settings
        settings.servesHTTPProxy = true
        let registry = ServerRegistry(settings: settings)
        let key = try secret("sessionKey", capture)
        let iv = try secret("iv", capture)
        let id = try #require(capture.keys["sessionId"]?.text)
        if let device = try resumedDevice(capture) {
            registry.sessions.store(
                ReusableSession(deviceID: device, osName: "android", keys: SessionKeys(key: key, iv: iv)), id: id,
                until: Instant(sinceBoot: .seconds(1)))
        }
        var bench = try SessionBench(registry)
        if let serverKey = capture.keys["serverKey"]?.text.flatMap({ bytes(hex: $0) }),
            let end = capture.keys["expireTime"]?.number
        {
            bench.offer = SessionOffer(
                serverKey: SecretBytes(serverKey), sessionID: id, expiry: WallTime(millisecondsSince1970: end))
        }
        return bench
    }

    /// The device of a FAST_CONNECT that was answered, nil where there was none.
    private func resumedDevice(_ capture: SessionVectors) throws -> String? {
        guard capture.frames.contains(where: { $0.cmd == "FAST_CONNECT" && $0.dir == "s2c" }),
            let request = capture.frames.first(where: { $0.cmd == "FAST_CONNECT" && $0.dir == "c2s" })?.body
        else { return nil }
        return try FastConnectRequest(
            decoding: ByteBuffer(bytes: #require(bytes(hex: request))), of: .fastConnect
        ).deviceID
    }

    private func secret(_ name: String, _ capture: SessionVectors) throws -> SecretBytes {
        SecretBytes(try #require(capture.keys[name]?.text.flatMap { bytes(hex: $0) }))
    }

    private func decode(_ chunks: [String]) throws -> [SessionBench.Answer] {
        var decoder = FrameDecoder(maximumBody: 1 << 20)
        var answers: [SessionBench.Answer] = []
        for chunk in chunks {
            decoder.append(ByteBuffer(bytes: try #require(bytes(hex: chunk))))
            while let element = try decoder.next() {
                switch element {
                case .heartbeat: answers.append(.heartbeat)
                case .frame(let frame), .skipped(let frame, _): answers.append(.frame(frame))
                }
            }
        }
        return answers
    }
}
