import Foundation
import MPushControl
import MPushJSON
import MPushTestSupport
import NIOCore
import Testing

@testable import MPushLocalAPI

/// Clients that follow.
@Suite struct StreamTests {
    @Test func linesComeAsTheyAreSentAndTheLastSaysWhy() async throws {
        let file = try OpenAPIFile()
        try await APIBench.run { bench async throws in
            try await bench.onLoop { parts in
                parts.service.onFollow = { stream, _ in
                    _ = stream.send([Samples.message("one", at: 1), Samples.message("two", at: 2)])
                    stream.end("the inbox was replaced")
                }
            }
            let answer = try Curl(bench, "/v1/messages/follow?consumer=c&from=oldest&window=5", ["-N"])
            #expect(answer.status == 200)
            #expect(answer.field("content-type") == "application/x-ndjson")
            #expect(answer.field("transfer-encoding") == "chunked")
            let lines = try answer.body.split(separator: "\n").map { try JSONParser.parse(String($0)) }
            #expect(lines.map { $0["position"]?.integer } == [1, 2, nil])
            #expect(lines.last?["end"]?["reason"] == .string("the inbox was replaced"))
            for line in lines { #expect(file.faults(of: line, as: "MessageLine") == []) }
            #expect(try await bench.onLoop { $0.service.asked } == ["follow c oldest 5"])
            #expect(try await bench.onLoop { $0.service.subscriptions[0].isClosed } == false)
        }
    }

    @Test func eventsAreFollowedFromANumberOverHTTPOneZeroToo() async throws {
        let file = try OpenAPIFile()
        try await APIBench.run { bench async throws in
            try await bench.onLoop { parts in
                parts.service.onFollow = { stream, _ in
                    _ = stream.send([Samples.event])
                    stream.end("the daemon is stopping")
                }
            }
            let answer = try Curl(bench, "/v1/events/follow?after=3", ["--http1.0"])
            #expect(answer.field("transfer-encoding") == nil)
            let lines = try answer.body.split(separator: "\n").map { try JSONParser.parse(String($0)) }
            #expect(lines.count == 2)
            for line in lines { #expect(file.faults(of: line, as: "EventLine") == []) }
            #expect(try await bench.onLoop { $0.service.asked } == ["followEvents 3"])
        }
    }

    @Test func aClientThatGoesIsClosed() async throws {
        try await APIBench.run { bench async throws in
            try await bench.awaiting { (parts, promise: EventLoopPromise<Void>) in
                parts.service.onFollow = { stream, subscription in
                    subscription.onClose = { promise.succeed(()) }
                }
                let path = bench.path
                Thread.detachNewThread {
                    let client = try? UnixClient(path)
                    client?.send("GET /v1/messages/follow HTTP/1.1\r\nHost: a\r\n\r\n")
                    _ = client?.receive(until: "\r\n\r\n")
                }
            }
            #expect(try await bench.onLoop { $0.server.followers } == [])
        }
    }

    /// Sends as long as it is taken, much more than the socket and the buffer before it can hold. Gives how many were sent.
    private func feed(_ stream: any ControlStream, _ subscription: FakeService.Subscription, _ content: String) -> () ->
        Int
    {
        var position: Int64 = 0
        func send() {
            while position < 10_000 {
                position += 1
                if !stream.send([Samples.message(content, at: position)]) { return }
            }
        }
        subscription.onWantsMore = send
        send()
        return { Int(position) }
    }

    @Test func aFollowerThatNeverReadsIsBoundedAndCutAndReadsWhyAtLast() async throws {
        var settings = LocalAPISettings()
        settings.followerStall = .milliseconds(150)
        settings.farewellLimit = .seconds(10)
        try await APIBench.run(settings) { bench async throws in
            let client = try UnixClient(bench.path)
            let chunk = String(repeating: "x", count: 10_000)
            let sent = try await bench.awaiting { (parts, promise: EventLoopPromise<Int>) in
                parts.service.onFollow = { stream, subscription in
                    let sent = feed(stream, subscription, chunk)
                    subscription.onClose = { promise.succeed(sent()) }
                }
                client.send("GET /v1/messages/follow?consumer=slow HTTP/1.1\r\nHost: a\r\n\r\n")
            }
            #expect(sent > 0 && sent < 100)
            #expect(
                bench.events.contains {
                    if case .followerCut(_, "slow", let reason) = $0 { reason.contains("read nothing") } else { false }
                })
            // It wakes up at last: all that was sent is there, whole, and the reason after it.
            let text = client.receiveAll()
            #expect(text.components(separatedBy: "\"position\"").count - 1 == sent)
            #expect(text.contains(#"{"end":{"reason":"cut: it read nothing for 150 ms"}}"#))
            #expect(text.hasSuffix("0\r\n\r\n"))
        }
    }

    /// It reads less in its time than would let the daemon write again: what it has read counts, not what was written.
    @Test func aFollowerThatReadsSlowlyIsNotCut() async throws {
        var settings = LocalAPISettings()
        settings.followerStall = .milliseconds(500)
        try await APIBench.run(settings) { bench async throws in
            let client = try UnixClient(bench.path)
            let chunk = String(repeating: "x", count: 10_000)
            try await bench.onLoop { parts in
                parts.service.onFollow = { stream, subscription in _ = feed(stream, subscription, chunk) }
            }
            client.send("GET /v1/messages/follow?consumer=slow HTTP/1.1\r\nHost: a\r\n\r\n")
            // 60 kB in each stall's time, for four of them: the socket lets more be written after 160 kB only.
            var read = 0
            let end = ContinuousClock.now + .seconds(2)
            while ContinuousClock.now < end {
                read += client.receive(atMost: 12_500)
                try await Task.sleep(for: .milliseconds(100))
            }
            #expect(read > 100_000)
            #expect(bench.events.allSatisfy { if case .followerCut = $0 { false } else { true } })
            #expect(try await bench.onLoop { $0.server.followers.count } == 1)
        }
    }

    @Test func aSlowFollowerThatReadsGetsEverything() async throws {
        try await APIBench.run { bench async throws in
            try await bench.onLoop { parts in
                parts.service.onFollow = { stream, subscription in
                    var position: Int64 = 0
                    let chunk = String(repeating: "y", count: 5000)
                    func feed() {
                        while position < 2000 {
                            position += 1
                            if !stream.send([Samples.message(chunk, at: position)]) { return }
                        }
                        stream.end("done")
                    }
                    subscription.onWantsMore = feed
                    feed()
                }
            }
            let answer = try Curl(bench, "/v1/messages/follow", ["-N", "--limit-rate", "20M"])
            let lines = answer.body.split(separator: "\n")
            #expect(lines.count == 2001)
            #expect(lines.dropLast().last?.contains("\"position\":2000,") == true)
        }
    }

    /// After a head alone comes the next answer, and not the end of a body.
    @Test func theHeadOfAStreamHasNoBody() async throws {
        try await APIBench.run { bench async throws in
            let client = try UnixClient(bench.path)
            client.send("HEAD /v1/events/follow HTTP/1.1\r\nHost: a\r\n\r\n")
            var text = client.receive(until: "\r\n\r\n")
            client.send("GET /v1/status HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            text += client.receiveAll()
            let parts = text.components(separatedBy: "\r\n\r\n")
            #expect(parts.count == 3)
            #expect(parts.prefix(2).allSatisfy { $0.hasPrefix("HTTP/1.1 200 ") })
        }
    }

    @Test func aStreamWithNothingToSaySaysSo() async throws {
        var settings = LocalAPISettings()
        settings.keepaliveInterval = .milliseconds(20)
        try await APIBench.run(settings) { bench async throws in
            let client = try UnixClient(bench.path)
            client.send("GET /v1/events/follow HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(client.receive(until: "{\"keepalive\":true}\n").contains("{\"keepalive\":true}\n"))
            let followers = try await bench.onLoop { $0.server.followers }
            #expect(followers.count == 1)
            #expect(followers.first?.consumer == nil)
        }
    }

    @Test func stoppingTellsFollowersAndLetsAnswersGoOut() async throws {
        try await APIBench.run { bench async throws in
            let follower = try UnixClient(bench.path)
            follower.send("GET /v1/messages/follow HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = follower.receive(until: "\r\n\r\n")
            let asker = try UnixClient(bench.path)
            try await bench.onLoop { $0.service.isHolding = true }
            asker.send("POST /v1/push HTTP/1.1\r\nHost: a\r\nContent-Length: 15\r\n\r\n{\"content\":\"x\"}")
            while try await bench.onLoop({ $0.service.held.isEmpty }) {}
            try await bench.awaiting { (parts, promise: EventLoopPromise<Void>) in
                parts.server.stop("mpushd is stopping") { promise.succeed(()) }
                for answer in parts.service.held { answer() }
                Thread.detachNewThread {
                    #expect(follower.receiveAll().contains("mpushd is stopping"))
                    #expect(asker.receiveAll().contains("\"acknowledged\":true"))
                }
            }
            #expect(throws: UnixClient.Refused.self) { try UnixClient(bench.path) }
        }
    }
}
