import MPushCipher
import MPushModel
import MPushSimulator
import MPushTestSupport
import MPushWire
import NIOCore
import Testing

/// What the simulated server answers is what the real one did, byte for byte.
@Suite struct BadInputsTests {
    /// On a new connection, sent as it was.
    static let replayed = [
        "heartbeat_before_handshake", "five_heartbeats_in_one_write", "unknown_command_99",
        "known_but_unhandled_LOGIN_3", "cmd_0", "heartbeat_cmd_1_as_full_frame", "bind_before_handshake_raw",
        "bind_before_handshake_crypto_flag_garbage", "unbind_before_handshake_raw",
        "push_before_handshake_raw_auto_ack", "ack_unknown", "ok_from_client", "length_negative_minus1",
        "length_negative_min_int", "length_max_int", "length_2^31-13", "length_over_limit_incomplete", "garbage",
        "truncated_header_then_close", "handshake_garbage_crypto", "handshake_raw_plain", "handshake_empty_body",
        "handshake_empty_device", "handshake_short_key", "handshake_long_key", "handshake_short_iv",
        "handshake_truncated_body", "handshake_extra_trailing_bytes", "handshake_os_with_comma",
        "handshake_wrong_cc_lrc", "fast_connect_ok", "fast_connect_rsa_request", "fast_connect_other_device",
        "fast_connect_unknown_session", "fast_connect_empty_session",
    ]

    /// On a connection with a session, sent as it was.
    static let replayedInSession = [
        "second_handshake_other_device", "bind_raw_after_handshake", "client_push_empty_body", "bind_bad_ciphertext",
    ]

    /// On a connection with a session, whose key is not known: the same header, the body sealed with a key of ours.
    static let resealed = [
        "bind_empty_user", "client_push_auto_ack", "client_push_biz_ack", "client_push_no_ack", "bind_bad_compressed",
        "bind_short_body",
    ]

    /// One after the other on a connection each; see the tests of the same names.
    static let sequences = [
        "repeat_handshake_same_device", "bind_after_repeat_handshake", "bind_again_same_user",
        "bind_other_user_without_unbind", "unbind_other_name", "unbind_when_not_bound", "fast_connect_then_bind",
        "bind_after_fast_connect", "handshake_after_fast_connect_same_device", "fast_connect_twice",
        "fast_connect_and_bind_pipelined", "bind_byte_by_byte", "heartbeat_glued_to_frame",
        "length_over_limit_complete", "heartbeat_negotiation", "http_empty_uri", "http_bad_uri",
    ]

    /// Not simulated: no HTTP request leaves the simulator, so none can be refused or time out. The two silences are in
    /// ReadCheckTests: they are measured to the tick of the real server's timer wheel.
    static let left = ["http_refused", "http_timeout_header", "silent_new_connection", "silent_after_handshake_hb3000"]

    private let vectors: BadInputVectors

    init() throws {
        vectors = try BadInputVectors.load()
    }

    @Test func everyCaseHasItsPlace() {
        let places = Self.replayed + Self.replayedInSession + Self.resealed + Self.sequences + Self.left
        #expect(Set(vectors.cases.map(\.name)) == Set(places))
        #expect(Set(places).count == places.count)
    }

    @Test(arguments: replayed)
    func answersAsTheServerOnANewConnection(name: String) throws {
        let vector = try #require(vectors.named(name))
        var bench = try Self.bench()
        bench.offer = try Self.offer(in: vector) ?? bench.offer
        let answers = try bench.receive(#require(vector.sentBytes))
        try Self.expect(answers, bench, vector)
    }

    @Test(arguments: replayedInSession)
    func answersAsTheServerInASession(name: String) throws {
        let vector = try #require(vectors.named(name))
        var bench = try Self.bench()
        _ = try bench.handshake(device: "own")
        bench.offer = try Self.offer(in: vector) ?? bench.offer
        let answers = try bench.receive(#require(vector.sentBytes))
        try Self.expect(answers, bench, vector)
    }

    @Test(arguments: resealed)
    func answersAsTheServerUnderAKeyOfOurOwn(name: String) throws {
        let vector = try #require(vectors.named(name))
        let header = try #require(vector.sentHeader)
        let body =
            switch name {
            case "bind_empty_user": SessionBench.bindRequest("").encoded
            case "bind_short_body": ByteBuffer(bytes: [0, 9, 65])
            default: ByteBuffer(string: "hello")
            }
        var bench = try Self.bench()
        _ = try bench.handshake(device: "own")
        let frame = try bench.sealed(header.command, number: header.sessionID, flags: header.flags, body)
        let answers = try bench.receive(frame)
        try Self.expect(answers, bench, vector)
    }

    @Test func bindingAfterARepeatedHandshake() throws {
        var bench = try Self.bench()
        _ = try bench.handshake(device: "rep")
        let repeated = try #require(vectors.named("repeat_handshake_same_device"))
        try Self.expect(try bench.receive(#require(repeated.sentBytes)), bench, repeated)
        for (name, user) in [
            ("bind_after_repeat_handshake", "one"), ("bind_again_same_user", "one"),
            ("bind_other_user_without_unbind", "two"), ("unbind_other_name", "nobody"),
            ("unbind_when_not_bound", "two"),
        ] {
            let vector = try #require(vectors.named(name))
            let header = try #require(vector.sentHeader)
            let body = SessionBench.bindRequest(user).encoded
            let frame = try bench.sealed(header.command, number: header.sessionID, body)
            try Self.expect(try bench.receive(frame), bench, vector)
        }
    }

    @Test func resumingAndWhatFollows() throws {
        var bench = try Self.bench()
        let resumed = try #require(vectors.named("fast_connect_then_bind"))
        try Self.expect(try bench.receive(#require(resumed.sentBytes)), bench, resumed)
        let bound = try #require(vectors.named("bind_after_fast_connect"))
        try Self.expect(try bench.bind("u", number: 10), bench, bound)
        for name in ["handshake_after_fast_connect_same_device", "fast_connect_twice"] {
            let vector = try #require(vectors.named(name))
            try Self.expect(try bench.receive(#require(vector.sentBytes)), bench, vector)
        }
    }

    @Test func resumingAndBindingInOneWrite() throws {
        let vector = try #require(vectors.named("fast_connect_and_bind_pipelined"))
        var bench = try Self.bench()
        let stored = Self.storedKeys
        let body = try AESCipher(key: stored.key, iv: stored.iv).encrypt(SessionBench.bindRequest("u").encoded)
        var bytes = ByteBuffer()
        bytes.writeBytes(try #require(vectors.named("fast_connect_ok")?.sentBytes))
        try Frame(command: .bind, flags: .crypto, sessionID: 10, body: body).write(to: &bytes)
        try Self.expect(try bench.receive(bytes.readableBytesView), bench, vector)
    }

    @Test func bindingByteByByteAndGluedToHeartbeats() throws {
        var bench = try Self.bench()
        _ = try bench.handshake(device: "own")
        var bytes = ByteBuffer()
        try bench.sealed(.bind, number: 2, SessionBench.bindRequest("u").encoded).write(to: &bytes)
        var answers: [SessionBench.Answer] = []
        for byte in bytes.readableBytesView { answers += try bench.receive([byte]) }
        try Self.expect(answers, bench, try #require(vectors.named("bind_byte_by_byte")))

        var glued = ByteBuffer(bytes: [0xDF])
        try bench.sealed(.bind, number: 3, SessionBench.bindRequest("u").encoded).write(to: &glued)
        glued.writeBytes([0xDF, 0xDF])
        let vector = try #require(vectors.named("heartbeat_glued_to_frame"))
        try Self.expect(try bench.receive(glued.readableBytesView), bench, vector)
    }

    @Test func refusesAnOversizeFrameOnlyAtItsEnd() throws {
        let vector = try #require(vectors.named("length_over_limit_complete"))
        var bench = try Self.bench()
        var header = ByteBuffer()
        header.writeInteger(Int32(2 << 20))
        header.writeBytes([15, 0, 0, 0, 0, 0, 0, 7, 0])
        #expect(try bench.receive(header.readableBytesView) == [])
        #expect(try bench.receive(Array(repeating: 0xDF, count: (2 << 20) - 1)) == [])
        #expect(!bench.isClosed)
        try Self.expect(try bench.receive([0xDF]), bench, vector)
    }

    @Test func agreesOnTheSameHeartbeats() throws {
        let negotiations = vectors.cases.filter { $0.name == "heartbeat_negotiation" }
        #expect(negotiations.count == 6)
        for vector in negotiations {
            let wished = Duration.milliseconds(try #require(vector.client_max))
            let agreed = Self.settings.heartbeat(clientMaximum: wished)
            #expect(agreed == .milliseconds(try #require(vector.server_heartbeat)))
        }
    }

    @Test(arguments: [("http_empty_uri", "", 20), ("http_bad_uri", "no address", 22)])
    func answersBadProxyRequests(name: String, uri: String, number: Int32) throws {
        let vector = try #require(vectors.named(name))
        var bench = try Self.bench()
        bench.registry.settings.servesHTTPProxy = true
        _ = try bench.handshake(device: "own")
        let request = HTTPProxyRequest(method: .get, uri: uri, headers: [], body: ByteBuffer())
        let answers = try bench.receive(bench.sealed(.httpProxy, number: number, request.encoded))
        let expected = try #require(vector.replies)
        #expect(answers.count == expected.count)
        for (answer, reply) in zip(answers, expected) {
            guard case .frame(let frame) = answer else { return }
            let body = try HTTPProxyAnswer(decoding: frame.body, of: .httpProxy)
            #expect(frame.flags.rawValue == reply.flags && frame.sessionID == reply.sessionId)
            #expect(body.status == reply.status && body.reason == reply.reason && body.headers == [])
        }
    }

    static let storedKeys = SessionKeys(key: SecretBytes(Array(16...31)), iv: SecretBytes(Array(32...47)))

    static var settings: SimulatedServerSettings {
        var settings = SimulatedServerSettings()
        settings.heartbeat = .seconds(3) ... .seconds(10)
        settings.maximumPacketSize = SessionBench.maximumBody
        return settings
    }

    /// A server set as the one of the vectors, with the session that they resume.
    private static func bench() throws -> SessionBench {
        let registry = ServerRegistry(settings: settings)
        registry.sessions.store(
            ReusableSession(deviceID: "fc", osName: "ios", keys: storedKeys),
            id: "ff38d0902cf0ddbe72350f50a0a6e219", until: Instant(sinceBoot: .seconds(1)))
        return try SessionBench(registry)
    }

    /// What the real server drew by lot in its answer to a HANDSHAKE with keys of zeros.
    private static func offer(in vector: BadInputVectors.Case) throws -> SessionOffer? {
        guard let reply = vector.reply?.first, reply.cmd == "HANDSHAKE" else { return nil }
        let cipher = try AESCipher(key: SessionBench.zeros, iv: SessionBench.zeros)
        let plain = try cipher.decrypt(ByteBuffer(bytes: #require(bytes(hex: reply.body))))
        let answer = try HandshakeAnswer(decoding: plain, of: .handshake)
        return SessionOffer(
            serverKey: answer.serverKey, sessionID: answer.sessionID,
            expiry: WallTime(millisecondsSince1970: answer.expireTime))
    }

    private static func expect(
        _ answers: [SessionBench.Answer], _ bench: SessionBench, _ vector: BadInputVectors.Case,
        location: SourceLocation = #_sourceLocation
    ) throws {
        let expected = try #require(vector.reply).map { "\($0.cmd) \($0.flags) \($0.sessionId) \($0.body)" }
        #expect(answers.map(text) == expected, "\(vector.name)", sourceLocation: location)
        #expect(bench.isClosed == vector.closed, "\(vector.name)", sourceLocation: location)
    }

    private static func text(_ answer: SessionBench.Answer) -> String {
        switch answer {
        case .heartbeat: "HEARTBEAT 0 0 "
        case .frame(let frame):
            "\(frame.command) \(frame.flags.rawValue) \(frame.sessionID) \(hex(frame.body.readableBytesView))"
        }
    }
}
