import Foundation
import MPushConfiguration
import MPushConnection
import MPushModel
import MPushRouting
import MPushSimulator
import MPushSystemd
import MPushTLS
import Testing

@testable import MPushDelivery

/// Routes to web servers, with python3's as the peer.
@Suite(.timeLimit(.minutes(1))) struct WebhookRouteTests {
    private func withBench(_ body: (DeliveryBench) async throws -> Void) async throws {
        let bench = try DeliveryBench()
        defer { bench.remove() }
        try await body(bench)
        try await bench.stop()
    }

    private func route(
        _ url: String, headers: [WebhookSettings.HeaderField] = [], secret: String? = nil, attempts: Int = 3,
        limit: Duration = .seconds(10), tls: TLSContext? = nil
    ) throws -> LoadedRoute {
        LoadedRoute(
            settings: RouteSettings(
                name: "hook",
                target: .webhook(
                    WebhookSettings(url: try HTTPURL(parsing: url), headers: headers, timeLimit: limit)),
                retry: RetryPolicy(attempts: attempts, shortestWait: .milliseconds(20), longestWait: .seconds(1)),
                start: .oldest),
            tls: tls, secret: secret.map { SecretBytes(Array($0.utf8)) })
    }

    /// How the attempts at one message ended, when it is settled.
    private func results(
        _ answer: String, attempts: Int = 2, limit: Duration = .seconds(10)
    ) async throws -> [AttemptResult] {
        let peer = try PythonPeer(answer)
        let bench = try DeliveryBench()
        defer { bench.remove() }
        let route = try route("http://127.0.0.1:\(peer.port)/", attempts: attempts, limit: limit)
        try await bench.start([route])
        try await bench.store(["x"])
        try await bench.wait {
            $0.consumed == [1] || $0.delivery?.status.first?.deadLetters == 1 || $0.results.count == attempts
        }
        let results = try await bench.withStage { $0.results }
        try await bench.stop()
        return results
    }

    @Test func theContentIsPostedWithWhatThereIsToKnow() async throws {
        let peer = try PythonPeer("self.reply(204)")
        try await withBench { bench in
            let header = WebhookSettings.HeaderField(name: "Authorization", value: "Bearer t")
            try await bench.start([try route("http://127.0.0.1:\(peer.port)/in?a=1", headers: [header])])
            try await bench.store([#"{"msgId":"m 1%\n","msgType":7}"#, "text \u{e4}"])
            try await bench.wait { $0.consumed == [1, 2] }
            let requests = try peer.requests()
            let first = try #require(requests.first)
            #expect(first.path == "/in?a=1" && first.body == #"{"msgId":"m 1%\n","msgType":7}"#)
            let fields = first.fields
            #expect(fields["mpush-id"] == "m 1%25%0A" && fields["idempotency-key"] == "home:1:m 1%25%0A")
            #expect(fields["mpush-user"] == "alice" && fields["mpush-identity"] == "home")
            #expect(fields["mpush-type"] == "7" && fields["mpush-route"] == "hook" && fields["mpush-attempt"] == "1")
            #expect(fields["content-type"] == "application/json" && fields["user-agent"] == "mpushd/test")
            #expect(fields["authorization"] == "Bearer t" && fields["mpush-signature"] == nil)
            #expect(requests.last?.fields["content-type"] == "text/plain; charset=utf-8")
        }
    }

    @Test func theSignaturesAreThoseThatPythonMakes() async throws {
        let peer = try PythonPeer(
            """
            key = b"secret"
            stamp, code = [part.split("=")[1] for part in self.headers["Mpush-Signature"].split(",")]
            timed = hmac.new(key, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
            plain = "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest()
            isGood = hmac.compare_digest(code, timed) and plain == self.headers["X-Hub-Signature-256"]
            self.reply(200 if isGood and abs(time.time() - int(stamp)) < 60 else 403)
            """)
        try await withBench { bench in
            try await bench.start([try route("http://127.0.0.1:\(peer.port)/", secret: "secret")])
            try await bench.store(["content"])
            try await bench.wait { $0.results.count == 1 }
            #expect(try await bench.withStage { $0.results } == [.confirmed])
        }
    }

    @Test(arguments: [408, 425, 429, 500, 502, 503, 504])
    func whatMayPassIsTriedAgain(status: Int) async throws {
        let results = try await results("self.reply(\(status) if count == 1 else 200)")
        #expect(results.count == 2 && results.last == .confirmed)
    }

    @Test(arguments: [400, 401, 404, 410, 413])
    func whatWouldBeAnsweredSoAgainIsDeadAtOnce(status: Int) async throws {
        let results = try await results("self.reply(\(status))")
        #expect(results.count == 1)
        guard case .rejected(let words)? = results.first else { return #expect(Bool(false)) }
        #expect(words.contains("answered \(status)"))
    }

    @Test func aRedirectIsNotFollowed() async throws {
        let results = try await results("self.reply(301, {'Location': 'http://127.0.0.1:1/'})")
        guard case .rejected(let words)? = results.first else { return #expect(Bool(false)) }
        #expect(words.contains("http://127.0.0.1:1/") && words.contains("not followed"))
    }

    @Test(arguments: ["'1'", "email.utils.formatdate(time.time() + 2, usegmt=True)"])
    func retryAfterIsHonoured(field: String) async throws {
        let peer = try PythonPeer("self.reply(503, {'Retry-After': \(field)}) if count == 1 else self.reply(200)")
        try await withBench { bench in
            try await bench.start([try route("http://127.0.0.1:\(peer.port)/")])
            let began = ContinuousClock.now
            try await bench.store(["x"])
            try await bench.wait { $0.results.count == 1 }
            let start = ContinuousClock.now
            // On a busy machine the wait may be over before we look at it.
            if let next = try await bench.status("hook")?.nextAttempt { #expect(next <= .seconds(2)) }
            try await bench.wait { $0.consumed == [1] }
            // Without the field it would be 20 ms; the date has whole seconds.
            #expect(ContinuousClock.now - start > .milliseconds(100) || start - began > .milliseconds(500))
        }
    }

    @Test func aServerThatStallsIsGivenUp() async throws {
        let results = try await results("time.sleep(20)", attempts: 1, limit: .milliseconds(300))
        guard case .failed(let words, nil)? = results.first else { return #expect(Bool(false)) }
        #expect(words.contains("no answer within 300 ms"))
    }

    @Test(arguments: [
        "self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0)); self.connection.close()",
        "self.connection.shutdown(2); self.connection.close()", "self.wfile.write(b'nonsense\\r\\n\\r\\n')",
    ])
    func aServerThatBreaksOffIsTriedAgain(answer: String) async throws {
        let results = try await results("if count == 1:\n    \(answer)\nelse: self.reply(200)")
        #expect(results.count == 2 && results.last == .confirmed, "\(results)")
    }

    @Test func aServerThatIsNotThereIsTriedAgain() async throws {
        try await withBench { bench in
            try await bench.start([try route("http://127.0.0.1:1/", attempts: 2)])
            try await bench.store(["x"])
            try await bench.wait { $0.results.count == 3 }
            let results = try await bench.withStage { $0.results }
            #expect(try await bench.status("hook")?.deadLetters == 0)
            guard case .unavailable(let words)? = results.first else { return #expect(Bool(false)) }
            #expect(words.contains("connection refused"))
        }
    }

    @Test func aBigMessageGoesThroughTLS() async throws {
        let authority = try ThrowawayAuthority()
        let certificate = try authority.issue(names: ["localhost"])
        let peer = try PythonPeer(
            "self.reply(200 if len(body) == 3000000 else 400)",
            certificate: (certificate.chainPEM, certificate.keyPEM.exposed))
        try await withBench { bench in
            try await bench.start([
                try route("https://localhost:\(peer.port)/", tls: try context(trusting: authority))
            ])
            try await bench.store([String(repeating: "x", count: 3_000_000), String(repeating: "y", count: 3_000_000)])
            try await bench.wait { $0.results.count == 2 }
            #expect(try await bench.withStage { $0.results } == [.confirmed, .confirmed])
        }
    }

    @Test func aCertificateOfAnotherIsRefusedAndTriedAgain() async throws {
        let authority = try ThrowawayAuthority()
        let certificate = try authority.issue(names: ["push.example.com"])
        let peer = try PythonPeer(
            "self.reply(200)", certificate: (certificate.chainPEM, certificate.keyPEM.exposed))
        try await withBench { bench in
            let tls = try context(trusting: authority)
            try await bench.start([try route("https://localhost:\(peer.port)/", attempts: 2, tls: tls)])
            try await bench.store(["x"])
            try await bench.wait { $0.results.count == 3 }
            #expect(try await bench.status("hook")?.deadLetters == 0)
            #expect(try peer.requests().isEmpty)
        }
    }

    private func context(trusting authority: ThrowawayAuthority) throws -> TLSContext {
        var settings = TLSClientSettings()
        settings.authorities = .pem(authority.certificatePEM)
        return try TLSContext(client: settings)
    }
}
