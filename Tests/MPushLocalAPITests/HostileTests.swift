import Foundation
import MPushControl
import MPushJSON
import MPushModel
import NIOCore
import Testing

@testable import MPushLocalAPI

/// Clients that mean no good, or are broken.
@Suite struct HostileTests {
    @Test(arguments: [
        "\u{16}\u{3}\u{1}\u{2}garbage\r\n\r\n", "GET\r\n\r\n", "GET /v1/status HTTP/9.9\r\n\r\n",
        "GET /v1/status\r\n\r\n",
        "GET /v1/status HTTP/1.1\r\nbad header\r\n\r\n",
        "POST /v1/push HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /v1/push HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        "POST /v1/push HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "POST /v1/push HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ])
    func garbageIsAnsweredAndCut(bytes: String) async throws {
        try await APIBench.run { bench async throws in
            let client = try UnixClient(bench.path)
            client.send(bytes)
            let answer = client.receiveAll()
            #expect(answer.hasPrefix("HTTP/1.") && answer.contains(" 400 "), "\(answer.prefix(60))")
            #expect(answer.contains("/problems/bad-request"))
            // The server is as it was.
            #expect(try Curl(bench, "/healthz").status == 200)
        }
    }

    @Test(arguments: [
        "GET /", "GET / HTTP/1.1\r\nX: ", "GET / HTTP/1.1\r\n",
        // What comes behind a body is a head as well.
        "POST /v1/push HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
        "POST /v1/push HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: ",
    ])
    func anEndlessHeadIsCut(begin: String) async throws {
        try await APIBench.run { bench async throws in
            let client = try UnixClient(bench.path)
            client.send(begin)
            let piece = begin.hasSuffix("\n") ? "X: y\r\n" : "aaaaaaaaaaaaaaaa"
            let more = String(repeating: piece, count: 4000)
            var rounds = 0
            while rounds < 1000, client.send(more) { rounds += 1 }
            #expect(rounds < 100)
            #expect(try Curl(bench, "/healthz").status == 200)
        }
    }

    @Test func anEndlessBodyIsCut() async throws {
        var settings = LocalAPISettings()
        settings.maximumBody = 100_000
        settings.farewellLimit = .milliseconds(50)
        try await APIBench.run(settings) { bench async throws in
            let client = try UnixClient(bench.path)
            client.send("POST /v1/push HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")
            let chunk = "ffff\r\n" + String(repeating: " ", count: 0xFFFF) + "\r\n"
            while client.send(chunk) {}
            #expect(client.receive(until: "\r\n\r\n").contains(" 413 "))
        }
    }

    @Test func aRequestThatStopsHalfWayHasItsTime() async throws {
        var settings = LocalAPISettings()
        settings.requestLimit = .milliseconds(50)
        try await APIBench.run(settings) { bench async throws in
            let client = try UnixClient(bench.path)
            client.send("POST /v1/push HTTP/1.1\r\nContent-Length: 100\r\n\r\n{\"content\":")
            let answer = client.receiveAll()
            #expect(answer.contains(" 408 "))
            #expect(answer.contains("/problems/request-timeout"))
        }
    }

    @Test(arguments: ["", "GET /v1/sta", "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"])
    func aConnectionWithoutARequestIsCutInTheEnd(bytes: String) async throws {
        var settings = LocalAPISettings()
        settings.idleLimit = .milliseconds(50)
        try await APIBench.run(settings) { bench async throws in
            let client = try UnixClient(bench.path)
            client.send(bytes)
            let answer = client.receiveAll()
            #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 200"))
        }
    }

    @Test func whoHangsUpHalfWayLeavesNothingBehind() async throws {
        try await APIBench.run { bench async throws in
            for text in ["", "GE", "GET / HTTP/1.1\r\n", "POST /v1/push HTTP/1.1\r\nContent-Length: 9\r\n\r\n{"] {
                let client = try UnixClient(bench.path)
                client.send(text)
            }
            // Half closed: the answer comes nevertheless.
            let client = try UnixClient(bench.path)
            client.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
            client.endInput()
            #expect(client.receiveAll().contains("200 OK"))
            try await bench.stopServer()
        }
    }

    @Test func aRequestBeforeTheAnswerIsNotServed() async throws {
        try await APIBench.run { bench async throws in
            try await bench.onLoop { $0.service.isHolding = true }
            let client = try UnixClient(bench.path)
            let push = "POST /v1/push HTTP/1.1\r\nHost: a\r\nContent-Length: 15\r\n\r\n{\"content\":\"x\"}"
            client.send(push + push)
            while try await bench.onLoop({ $0.service.held.isEmpty }) {}
            try await bench.onLoop { for answer in $0.service.held { answer() } }
            let answer = client.receiveAll()
            #expect(answer.components(separatedBy: "HTTP/1.1 200").count - 1 == 1)
            #expect(answer.contains("Connection: close"))
            #expect(try await bench.onLoop { $0.service.asked.count } == 1)
        }
    }

    @Test func moreClientsThanThereIsRoomForAreToldSo() async throws {
        var settings = LocalAPISettings()
        settings.maximumConnections = 4
        try await APIBench.run(settings) { bench async throws in
            var clients: [UnixClient] = []
            // Those of four for the users of the machine, and those that are kept for the daemon's own and for root.
            let count = geteuid() == 0 ? 6 : 5
            for _ in 0..<count {
                let client = try UnixClient(bench.path)
                client.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(client.receive(until: "}\n").contains("200 OK"))
                clients.append(client)
            }
            let answer = try Curl(bench, "/healthz")
            #expect(answer.status == 503)
            #expect(answer.body.contains("/problems/too-many-connections"))
            guard case .full(let caller, let detail, 0)? = bench.events.first else {
                Issue.record("\(bench.events)")
                return
            }
            #expect(caller.userID == geteuid() && detail.hasPrefix("\(count) clients are connected"))
            #expect(bench.events.count == 1)
            clients = []
            // Their places are free as soon as the server has seen them go.
            while try Curl(bench, "/healthz").body.contains("too-many-connections") {}
            #expect(try Curl(bench, "/healthz").status == 200)
        }
    }

    /// More than can be listened to are told before they ask.
    @Test func whoIsTurnedAwayHearsWhy() async throws {
        var settings = LocalAPISettings()
        settings.maximumConnections = 2
        try await APIBench.run(settings) { bench async throws in
            let clients = try (0..<12).map { _ in try UnixClient(bench.path) }
            let answer = try #require(clients.last).receiveAll()
            #expect(answer.hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
            #expect(answer.contains("Content-Type: application/problem+json"))
            #expect(answer.contains("/problems/too-many-connections") && answer.hasSuffix("}\n"))
            let curl = try Curl(bench, "/healthz")
            #expect(curl.status == 503 || curl.status == 0)
        }
    }

    /// Where there is no descriptor left the kernel says so at once, each time: it is asked again after a pause only.
    @Test func whoCannotBeAcceptedWaitsForTheNextTry() async throws {
        var settings = LocalAPISettings()
        settings.acceptPause = .milliseconds(20)
        try await APIBench.run(settings) { bench async throws in
            let isListening = try await bench.onLoop { parts in
                let listener = try #require(parts.server.listener)
                for _ in 0..<3 {
                    listener.pipeline.syncOperations.fireErrorCaught(IOError(errnoCode: EMFILE, reason: "accept"))
                }
                return try listener.syncOptions?.getOption(.autoRead)
            }
            #expect(isListening == false)
            #expect(bench.events == [.cannotAccept("too many open files")])
            #expect(try Curl(bench, "/healthz").status == 200)
        }
    }

    @Test(arguments: ["/v1/status", "/healthz", "/v1/messages/follow", "/nothing"])
    func whereItIsSwitchedOffEverybodyIsToldSo(path: String) async throws {
        var settings = LocalAPISettings()
        settings.isSwitchedOff = true
        try await APIBench.run(settings) { bench async throws in
            let answer = try Curl(bench, path)
            #expect(answer.status == 503)
            #expect(answer.json?["type"] == .string("/problems/switched-off"))
            #expect(try Curl(bench, "/v1/pause", ["-X", "POST"]).body.contains("/problems/switched-off"))
            #expect(try await bench.onLoop { $0.service.asked } == [])
        }
    }

    /// What bodies may take of the memory is bounded for all of them together, and is free when they are over.
    @Test func allBodiesTogetherHaveABound() async throws {
        var settings = LocalAPISettings()
        settings.maximumBodies = 100_000
        try await APIBench.run(settings) { bench async throws in
            let head = "POST /v1/push HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n"
            var first: UnixClient? = try UnixClient(bench.path)
            first?.send(head + String(repeating: " ", count: 50_000))
            let full = #"{"content":"\#(String(repeating: "x", count: 60_000))"}"#
            let file = bench.directory + "/body"
            try full.write(toFile: file, atomically: true, encoding: .utf8)
            /// Whether a try gets the answer `status`, when the server has heard of the first client's coming or going.
            func isAnswered(_ status: Int) throws -> Bool {
                for _ in 0..<200 where try Curl(bench, "/v1/push", ["--json", "@" + file]).status == status {
                    return true
                }
                return false
            }
            #expect(try isAnswered(429))
            #expect(try Curl(bench, "/v1/status").status == 200)
            first = nil
            #expect(try isAnswered(200))
        }
    }

    /// Whoever is of the group cannot keep root from a change by bodies that never end.
    @Test func halfOfTheRoomForBodiesIsKeptForRoot() async throws {
        var settings = LocalAPISettings()
        settings.maximumBodies = 1000
        try await APIBench.run(settings) { bench async throws in
            let taken = try await bench.onLoop { parts in
                [
                    parts.server.takesBody(600, of: .member), parts.server.takesBody(400, of: .member),
                    parts.server.takesBody(200, of: .member), parts.server.takesBody(500, of: .root),
                    parts.server.takesBody(200, of: .root),
                ]
            }
            #expect(taken == [false, true, false, true, false])
        }
    }

    @Test func fiftyClientsAtOnceAreServed() async throws {
        try await APIBench.run { bench async throws in
            let clients = try (0..<50).map { _ in try UnixClient(bench.path) }
            for _ in 0..<20 {
                for client in clients { client.send("GET /v1/status HTTP/1.1\r\nHost: a\r\n\r\n") }
                for client in clients { #expect(client.receive(until: "}\n").contains("200 OK")) }
            }
        }
    }
}
