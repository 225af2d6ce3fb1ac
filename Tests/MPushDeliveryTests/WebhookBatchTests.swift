import Foundation
import MPushConfiguration
import MPushModel
import MPushRouting
import NIOCore
import Testing

@testable import MPushConnection
@testable import MPushDelivery

/// Several messages in one request, with python3's server as the peer.
@Suite(.timeLimit(.minutes(1))) struct WebhookBatchTests {
    private func course(
        _ answer: String, contents: [String], format: WebhookSettings.Batch.Format = .json, batch: Int = 100,
        settled: @escaping @Sendable (DeliveryBench.Stage) -> Bool
    ) async throws -> (requests: [PythonPeer.Request], dead: Int?) {
        let peer = try PythonPeer(answer)
        let bench = try DeliveryBench()
        defer { bench.remove() }
        let url = try HTTPURL(parsing: "http://127.0.0.1:\(peer.port)/")
        let settings = WebhookSettings(
            url: url, timeLimit: .seconds(10),
            batch: WebhookSettings.Batch(limits: BatchLimits(messages: batch, bytes: 1 << 20), format: format))
        try await bench.start([])
        try await bench.store(contents)
        try await bench.apply([
            LoadedRoute(
                settings: RouteSettings(
                    name: "hook", target: .webhook(settings),
                    retry: RetryPolicy(attempts: 2, shortestWait: .milliseconds(20), longestWait: .seconds(1)),
                    start: .oldest))
        ])
        try await bench.wait(settled)
        let dead = try await bench.status("hook")?.deadLetters
        try await bench.stop()
        return (try peer.requests(), dead)
    }

    private struct Item: Decodable {
        let position: Int64
        let id: String
        let key: String
        let attempt: Int
        let user: String
        let content: String?
        let content_base64: String?
    }

    @Test(arguments: [WebhookSettings.Batch.Format.json, .ndjson])
    func aBacklogGoesInBatches(format: WebhookSettings.Batch.Format) async throws {
        let contents = (1...250).map { "\"\($0)\n" }
        let (requests, _) = try await course("self.reply(200)", contents: contents, format: format) {
            $0.consumed.count == 250
        }
        var items: [Item] = []
        for request in requests {
            let body = Data(request.body.utf8)
            #expect(request.fields["mpush-route"] == "hook" && request.fields["mpush-id"] == nil)
            let found: [Item]
            switch format {
            case .json:
                #expect(request.fields["content-type"] == "application/json")
                found = try JSONDecoder().decode([Item].self, from: body)
            case .ndjson:
                #expect(request.fields["content-type"] == "application/x-ndjson" && request.body.hasSuffix("}\n"))
                found = try request.body.split(separator: "\n").map {
                    try JSONDecoder().decode(Item.self, from: Data($0.utf8))
                }
            }
            #expect(request.fields["mpush-batch"] == "\(found.count)")
            items += found
        }
        #expect(items.map(\.content) == contents && items.map(\.position) == Array(1...250))
        #expect(items.allSatisfy { $0.attempt == 1 && $0.user == "alice" && $0.key == "home:\($0.position):\($0.id)" })
        #expect(requests.count <= 4 && Set(requests.map { $0.fields["idempotency-key"] }).count == requests.count)
    }

    @Test func theSameBatchHasTheSameKey() async throws {
        let (requests, _) = try await course(
            "self.reply(503 if count < 3 else 200)", contents: ["a"], settled: { $0.consumed == [1] })
        #expect(requests.count == 3 && Set(requests.map { $0.fields["idempotency-key"] }).count == 1)
    }

    @Test func whatTheServerSaysOfEachCounts() async throws {
        let answer = """
            items = json.loads(body)
            def result(item):
                if item["content"] == "bad": return {"position": item["position"], "reject": "no such device"}
                if item["content"] == "busy" and item["attempt"] == 1:
                    return {"position": item["position"], "retry": "busy"}
                return {"position": item["position"], "done": True}
            text = json.dumps({"results": [result(item) for item in items]}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)
            """
        let (requests, dead) = try await course(
            answer, contents: ["1", "bad", "3", "busy", "5"],
            settled: { Set($0.consumed).isSuperset(of: [1, 3, 4, 5]) && $0.delivery?.status[0].deadLetters == 1 })
        #expect(dead == 1 && requests.count == 2)
        #expect(requests.last?.body.contains("\"attempt\":2") == true)
    }

    /// All or none: the one that is refused is found, and nobody else is a dead letter.
    @Test func theOneThatIsRefusedIsTheOnlyOne() async throws {
        let (_, dead) = try await course(
            "self.reply(400 if b'bad' in body else 200)", contents: (1...40).map { $0 == 17 ? "bad" : "\($0)" },
            settled: { $0.delivery?.status[0].deadLetters == 1 && $0.delivery?.status[0].waiting == 0 })
        #expect(dead == 1)
    }

    private func result(_ body: String, status: Int = 200, type: String? = nil) -> BatchResult {
        var answer = HTTPAnswer(
            status: status, reason: "", fields: type.map { [(name: "Content-Type", value: $0)] } ?? [])
        answer.body = ByteBuffer(string: body)
        return BatchResult(
            answer, to: [MessagePosition(rawValue: 7), MessagePosition(rawValue: 8)], from: "u",
            at: WallTime(millisecondsSince1970: 0))
    }

    @Test(arguments: ["", "ok", "{}", "[]", "{\"results\": 5}", "{\"ok\": true}"])
    func anAnswerWithoutResultsIsForAll(body: String) {
        #expect(result(body) == .whole(.confirmed))
        #expect(result(body, status: 400) == .whole(.rejected("u answered 400")))
    }

    @Test func brokenJSONConfirmsNothing() {
        let result = result("{\"results\": [", type: "application/json; charset=utf-8")
        #expect(result == .whole(.failed("u: its answer is not the JSON that it says it is", retryAfter: nil)))
    }

    @Test func eachMessageNeedsAResult() {
        let missing = AttemptResult.failed("u: its answer has no result for the message", retryAfter: nil)
        let none = AttemptResult.failed(
            "u: its answer has none of done, retry and reject for the message", retryAfter: nil)
        let twice = AttemptResult.failed("u: its answer names the message twice", retryAfter: nil)
        #expect(result(#"{"results": []}"#) == .each([missing, missing]))
        #expect(result(#"{"results": [{"position": 8, "done": true}]}"#) == .each([missing, .confirmed]))
        #expect(result(#"{"results": [{"position": 7}, {"position": 8, "done": false}]}"#) == .each([none, none]))
        #expect(
            result(#"{"results": [{"position": 7, "done": true}, {"position": 7, "done": true}, 5]}"#)
                == .each([twice, missing]))
        #expect(
            result(#"{"results": [{"position": 7, "retry": "x", "after": 1.5}, {"position": 8, "reject": "y"}]}"#)
                == .each([.failed("u: x", retryAfter: .milliseconds(1500)), .rejected("u: y")]))
    }
}
