import Foundation
import MPushControl
import MPushJSON
import MPushTestSupport
import Testing

@testable import MPushLocalAPI

/// The server, asked by the real curl.
@Suite struct RequestTests {
    @Test func statusIsJSONWithANewlineAtItsEnd() async throws {
        try await APIBench.run { bench async throws in
            let answer = try Curl(bench, "/v1/status")
            #expect(answer.status == 200)
            #expect(answer.field("content-type") == "application/json")
            #expect(answer.body.hasSuffix("}\n"))
            #expect(try DaemonStatus(json: #require(answer.json)) == Samples.status)
        }
    }

    @Test func headIsGetWithoutTheBody() async throws {
        try await APIBench.run { bench async throws in
            let get = try Curl(bench, "/v1/status")
            let head = try Curl(bench, "/v1/status", ["--head"])
            #expect(head.status == 200)
            #expect(head.body.isEmpty)
            #expect(head.field("content-length") == get.field("content-length"))
            #expect(try Curl(bench, "/v1/events/follow", ["--head"]).status == 200)
        }
    }

    @Test func oneConnectionServesManyRequests() async throws {
        try await APIBench.run { bench async throws in
            let answer = try Curl(
                bench, "/healthz", ["-w", "%{num_connects}", "http://localhost/healthz", "http://localhost/metrics"])
            #expect(answer.body.components(separatedBy: "HTTP/1.1 200").count == 3)
            #expect(answer.body.hasSuffix("0"))
        }
    }

    @Test func httpOneZeroWorks() async throws {
        try await APIBench.run { bench async throws in
            let answer = try Curl(bench, "/healthz", ["--http1.0"])
            #expect(answer.status == 200)
            #expect(answer.field("connection") == "close")
            let client = try UnixClient(bench.path)
            client.send("GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            #expect(client.receive(until: "}\n").contains("Connection: keep-alive"))
            client.send("GET /healthz HTTP/1.0\r\n\r\n")
            #expect(client.receiveAll().contains("Connection: close"))
        }
    }

    @Test func aLargeBodyWaitsForContinueAndArrives() async throws {
        try await APIBench.run { bench async throws in
            let file = bench.directory + "/body"
            let content = String(repeating: "x", count: 3_000_000)
            try #"{"content":"\#(content)"}"#.write(toFile: file, atomically: true, encoding: .utf8)
            let answer = try Curl(
                bench, "/v1/push", ["--json", "@" + file, "-H", "Expect: 100-continue", "--expect100-timeout", "10"])
            #expect(answer.status == 200)
            #expect(try await bench.onLoop { $0.service.asked } == ["push 3000000"])
            #expect(
                bench.events.map { "\($0)" }.contains { $0.contains("POST /v1/push") && $0.contains("status: 200") })
        }
    }

    @Test func aBodyThatIsTooLargeIsRefusedBeforeItIsSent() async throws {
        var settings = LocalAPISettings()
        settings.maximumBody = 1000
        try await APIBench.run(settings) { bench async throws in
            let file = bench.directory + "/body"
            try String(repeating: " ", count: 2_000_000).write(toFile: file, atomically: true, encoding: .utf8)
            let announced = try Curl(bench, "/v1/push", ["--json", "@" + file])
            #expect(announced.status == 413)
            #expect(announced.json?["maximum_bytes"] == .integer(1000))
            let chunked = try Curl(bench, "/v1/push", ["--json", "@" + file, "-H", "Transfer-Encoding: chunked"])
            #expect(chunked.status == 413)
        }
    }

    @Test(arguments: [
        ("/v1/nothing", [], 404, "not-found"), ("/", [], 404, "not-found"),
        ("/v1/status", ["-X", "DELETE"], 405, "method-not-allowed"),
        ("/v1/push", ["-d", "a=b"], 415, "unsupported-media-type"),
        ("/v1/push", ["--json", "{\"content\":"], 400, "bad-json"),
        ("/v1/push", ["--json", "{\"contents\":1}"], 400, "bad-value"),
        ("/v1/messages?limits=3", [], 400, "bad-value"), ("/v1/messages?limit=0", [], 400, "bad-value"),
        ("/v1/messages?limit=1001", [], 400, "bad-value"), ("/v1/messages?state=odd&route=r", [], 400, "bad-value"),
        ("/v1/messages?state=done", [], 400, "bad-value"), ("/v1/messages?id=%zz", [], 400, "bad-value"),
        ("/v1/messages?after=1&after=2", [], 400, "bad-value"), ("/v1/status%2", [], 400, "bad-request"),
        ("/v1/consumers/a%20b", ["-X", "DELETE"], 400, "bad-value"),
        ("/v1/consumers/x", ["-X", "DELETE"], 404, "no-such-consumer"),
        ("/v1/messages/follow?consumer=unknown", [], 503, "inbox-failing"),
        ("/v1/messages/follow?window=3", [], 400, "bad-value"),
        ("/v1/status", ["-H", "Expect: a cake"], 417, "expectation-failed"),
    ])
    func whatIsWrongIsAProblem(path: String, arguments: [String], status: Int, type: String) async throws {
        try await APIBench.run { bench async throws in
            let answer = try Curl(bench, path, arguments)
            #expect(answer.status == status)
            #expect(answer.field("content-type") == "application/problem+json")
            let problem = try Problem(json: #require(answer.json))
            #expect(problem.type == "/problems/" + type)
            #expect(problem.status == status)
            #expect(problem.instance != nil)
            #expect(try OpenAPIFile().faults(of: #require(answer.json), as: "Problem").isEmpty)
        }
    }

    @Test func methodsThatAreAllowedAreSaid() async throws {
        try await APIBench.run { bench async throws in
            #expect(try Curl(bench, "/v1/status", ["-X", "POST"]).field("allow") == "GET, HEAD")
            #expect(try Curl(bench, "/v1/consumers/c", []).field("allow") == "DELETE")
        }
    }

    @Test func badJSONIsSaidWithItsPlace() async throws {
        try await APIBench.run { bench async throws in
            let answer = try Curl(bench, "/v1/push", ["--json", #"{"content": nul}"#])
            #expect(answer.json?["offset"] == .integer(12))
        }
    }

    @Test func steeringNeedsNoBody() async throws {
        try await APIBench.run { bench async throws in
            #expect(try Curl(bench, "/v1/pause", ["-X", "POST"]).status == 200)
            #expect(try Curl(bench, "/v1/reconnect", ["--json", #"{"identity":"alice"}"#]).status == 200)
            #expect(try await bench.onLoop { $0.service.asked } == ["pause all", "reconnect alice"])
        }
    }

    @Test func parametersReachTheService() async throws {
        try await APIBench.run { bench async throws in
            _ = try Curl(bench, "/v1/messages?after=5&limit=7&identity=a%2Bb&route=r&state=dead&order=newest")
            let asked = try await bench.onLoop { $0.service.asked.joined() }
            for part in ["5", "limit: 7", "a+b", "\"r\"", "dead", "isNewestFirst: true"] {
                #expect(asked.contains(part))
            }
        }
    }

    @Test(arguments: [("/healthz", "healthy"), ("/readyz", "healthy"), ("/livez", "live")])
    func probesAre503WhileSomethingIsWrong(path: String, member: String) async throws {
        try await APIBench.run { bench async throws in
            #expect(try Curl(bench, path).status == 200)
            try await bench.onLoop { $0.service.isHealthy = false }
            let answer = try Curl(bench, path)
            #expect(answer.status == 503)
            #expect(answer.json?[member] == .bool(false))
        }
    }

    @Test(arguments: ["verbose", "verbose=true", "verbose=1"])
    func readinessTellsWhatItLookedAtWhereThatIsWished(query: String) async throws {
        try await APIBench.run { bench async throws in
            #expect(try Curl(bench, "/readyz?verbose=false").json?["checks"] == nil)
            let answer = try Curl(bench, "/readyz?identity=till&" + query)
            #expect(answer.json?["checks"]?.array?.first?["check"] == .string("till"))
            #expect(try Curl(bench, "/readyz?verbose=maybe").status == 400)
        }
    }

    @Test func metricsAreText() async throws {
        try await APIBench.run { bench async throws in
            let answer = try Curl(bench, "/metrics")
            #expect(answer.field("content-type") == "text/plain; version=0.0.4; charset=utf-8")
            #expect(answer.body == "# HELP a b\n# TYPE a gauge\na 1\n")
        }
    }

    @Test func theServicesProblemIsTheAnswer() async throws {
        try await APIBench.run { bench async throws in
            try await bench.onLoop {
                $0.service.pushProblem = Problem(.notConnected, "alice is waiting", ["identity": .string("alice")])
            }
            let answer = try Curl(bench, "/v1/push", ["--json", #"{"content":"x"}"#])
            #expect(answer.status == 503)
            #expect(answer.json?["identity"] == .string("alice"))
        }
    }
}
