import Foundation
import MPushConfiguration
import MPushConnection
import MPushModel
import MPushRouting
import Testing

@testable import MPushDelivery

/// Connections to web servers are kept, and what a server does to one that is kept costs nobody a message.
@Suite(.timeLimit(.minutes(1))) struct WebhookConnectionTests {
    private static func route(_ port: UInt16, keepAlive: Duration = .seconds(30)) throws -> LoadedRoute {
        let url = try HTTPURL(parsing: "http://127.0.0.1:\(port)/")
        return LoadedRoute(
            settings: RouteSettings(
                name: "hook",
                target: .webhook(WebhookSettings(url: url, timeLimit: .seconds(10), keepAlive: keepAlive)),
                retry: RetryPolicy(attempts: 3, shortestWait: .milliseconds(20), longestWait: .seconds(1)),
                start: .oldest))
    }

    /// What a server got that answers as `answer` says, and how the attempts at `messages` ended, one after the other.
    private func course(
        _ answer: String, messages: Int, keepAlive: Duration = .seconds(30)
    ) async throws -> (requests: [PythonPeer.Request], results: [AttemptResult]) {
        let peer = try PythonPeer(answer)
        let bench = try DeliveryBench()
        defer { bench.remove() }
        try await bench.start([try Self.route(peer.port, keepAlive: keepAlive)])
        for number in 1...Int64(messages) {
            try await bench.store(["\(number)"])
            try await bench.wait { $0.consumed.last == number }
        }
        let results = try await bench.withStage { $0.results }
        try await bench.stop()
        return (try peer.requests(), results)
    }

    @Test func oneConnectionIsEnough() async throws {
        let (requests, results) = try await course("self.reply(200)", messages: 5)
        #expect(requests.map(\.body) == ["1", "2", "3", "4", "5"] && Set(requests.map(\.port)).count == 1)
        #expect(results.count == 5 && requests[0].fields["connection"] == nil)
    }

    @Test func withoutKeepAliveEachRequestHasItsOwn() async throws {
        let (requests, _) = try await course("self.reply(200)", messages: 3, keepAlive: .zero)
        #expect(Set(requests.map(\.port)).count == 3)
        #expect(requests.allSatisfy { $0.fields["connection"] == "close" })
    }

    @Test(arguments: [
        "self.reply(200); self.close_connection = True", "self.reply(200, {'Connection': 'close'})",
        "self.reply(200, {'Keep-Alive': 'timeout=1, max=5'})",
        "self.protocol_version = 'HTTP/1.0'; self.reply(200); self.close_connection = True",
        "self.wfile.write(b'HTTP/1.1 200 OK\\r\\n\\r\\n'); self.close_connection = True",
    ])
    func whoClosesIsNotAskedTwice(answer: String) async throws {
        let (requests, results) = try await course(answer, messages: 4)
        #expect(requests.map(\.body) == ["1", "2", "3", "4"])
        #expect(results == Array(repeating: .confirmed, count: 4), "\(results)")
    }

    /// What was closed before a byte of an answer came is asked once more at once, under the same key.
    @Test func aKeptConnectionThatIsClosedOverARequestIsReplaced() async throws {
        let (requests, results) = try await course(
            "self.connection.shutdown(2) if count == 2 else self.reply(200)", messages: 2)
        #expect(requests.map(\.body) == ["1", "2", "2"] && results == [.confirmed, .confirmed], "\(results)")
        #expect(requests[1].fields["idempotency-key"] == requests[2].fields["idempotency-key"])
        #expect(requests[0].port == requests[1].port && requests[1].port != requests[2].port)
    }

    @Test func itIsReplacedOnce() async throws {
        let (requests, results) = try await course(
            "self.connection.shutdown(2) if count in (2, 3) else self.reply(200)", messages: 2)
        #expect(requests.count == 4 && results.count == 3 && results.last == .confirmed)
        guard case .failed? = results.dropFirst().first else {
            Issue.record("\(results)")
            return
        }
    }

    /// An answer has begun: whether the server has acted nobody knows, which is for the route to deal with.
    @Test func anAnswerThatHasBegunIsNotAskedForAgainAtOnce() async throws {
        let (requests, results) = try await course(
            "(self.wfile.write(b'HTTP/1.1 2'), self.connection.shutdown(2)) if count == 2 else self.reply(200)",
            messages: 2)
        #expect(requests.count == 3 && results.count == 3)
        guard case .failed? = results.dropFirst().first else {
            Issue.record("\(results)")
            return
        }
    }

    @Test func aSecondAnswerIsNotTakenForThatToTheNextMessage() async throws {
        let twice = "self.wfile.write(b'HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n' * 2)"
        let (requests, results) = try await course(
            "\(twice) if count == 1 else self.reply(503 if count == 2 else 200)", messages: 2)
        #expect(requests.map(\.body) == ["1", "2", "2"] && results.count == 3)
    }

    @Test func theRestOfALongAnswerIsNotWaitedFor() async throws {
        let (requests, results) = try await course(
            "self.wfile.write(b'HTTP/1.1 200 OK\\r\\nContent-Length: 100000\\r\\n\\r\\n' + b'x' * 70000)", messages: 2)
        #expect(requests.count == 2 && results == [.confirmed, .confirmed])
    }

    @Test func aReloadLeavesNoConnection() async throws {
        let peer = try PythonPeer("self.reply(200)")
        let bench = try DeliveryBench()
        defer { bench.remove() }
        for round in 1...3 {
            if round == 1 { try await bench.start([try Self.route(peer.port)]) }
            if round == 3 { try await bench.apply([try Self.route(peer.port, keepAlive: .seconds(60))]) }
            try await bench.store(["\(round)"])
            try await bench.wait { $0.consumed.last == Int64(round) }
        }
        let ports = try peer.requests().map(\.port)
        #expect(ports[0] == ports[1] && ports[1] != ports[2])
        try await bench.stop()
    }
}
