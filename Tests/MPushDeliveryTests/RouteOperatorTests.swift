import Foundation
import MPushConnection
import MPushInbox
import MPushModel
import MPushPlatform
import MPushRouting
import NIOCore
import Testing

@testable import MPushDelivery

/// What operators do with routes: pause them, let them go on, test them.
@Suite(.timeLimit(.minutes(1))) struct RouteOperatorTests {
    private func withBench(_ body: (DeliveryBench) async throws -> Void) async throws {
        let bench = try DeliveryBench()
        defer { bench.remove() }
        try await body(bench)
        try await bench.stop()
    }

    private func suspend(_ bench: DeliveryBench, _ pause: RoutePause?, _ route: String = "notify") async throws
        -> Result<RouteStatus, InboxFailure>
    {
        try await bench.ask { stage, done in stage.delivery?.suspend(route, pause) { done($0) } }
    }

    private func sample(_ content: String) -> StoredMessage {
        StoredMessage(
            position: .start, id: "mpushd-test-1", identity: "home", user: "alice", received: MachineClock().wall,
            type: nil, content: ByteBuffer(string: content))
    }

    private func test(_ bench: DeliveryBench, _ content: String) async throws -> AttemptResult? {
        let sample = sample(content)
        return try await bench.ask { stage, done in
            stage.delivery?.test("notify", sample) { done($0?.0) }
        }
    }

    @Test func aPauseHoldsARouteAlsoAfterARestart() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "delivery-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        let first = try DeliveryBench(at: directory)
        let route = try LoadedRoute.exec("notify", "/bin/sh", ["-c", "cat >>'\(directory.path)/out'"])
        try await first.start([route])
        #expect(try await suspend(first, .untilResumed).get().state == .paused)
        try await first.store(["a", "b"])
        try await first.stop()
        let second = try DeliveryBench(at: directory)
        try await second.start([route])
        try await second.store(["c"])
        let status = try #require(try await second.status("notify"))
        #expect(status.state == .paused && status.pause == .untilResumed && status.done == 0)
        #expect(second.content("out").isEmpty)
        #expect(try await suspend(second, nil).get().pause == nil)
        try await second.wait { $0.consumed.count == 3 }
        #expect(second.content("out") == "abc")
        #expect(try await second.status("notify")?.doneLastMinute == 3)
        await #expect(throws: InboxFailure.self) { try await suspend(second, nil, "other").get() }
        try await second.stop()
    }

    /// It goes to the real target, counts nowhere, and is no message of the inbox.
    @Test func aTestReachesTheTargetOfAPausedRoute() async throws {
        try await withBench { bench in
            let out = bench.directory.path + "/out"
            try await bench.start([
                try .exec(
                    "notify", "/bin/sh", ["-c", "echo \"$MPUSH_ID\" >>'\(out)'; test \"$(cat)\" != bad || exit 3"])
            ])
            _ = try await suspend(bench, .untilResumed)
            #expect(try await test(bench, "good") == .confirmed)
            guard case .rejected(let reason)? = try await test(bench, "bad") else {
                Issue.record("it was taken")
                return
            }
            #expect(reason.contains("3"))
            #expect(bench.content("out") == "mpushd-test-1\nmpushd-test-1\n")
            let status = try #require(try await bench.status("notify"))
            #expect(status.done == 0 && status.failures == 0 && status.deadLetters == 0 && status.lastFailure == nil)
            #expect(try await bench.withStage { $0.inbox.status.messages } == 0)
        }
    }

    /// One that is under way does not hold the stop up.
    @Test func aStopEndsATest() async throws {
        let bench = try DeliveryBench()
        defer { bench.remove() }
        try await bench.start([try .exec("notify", "/bin/sleep", ["60"])])
        let sample = sample("x")
        let result: AttemptResult? = try await bench.ask { stage, done in
            stage.delivery?.test("notify", sample) { done($0?.0) }
            stage.delivery?.apply([])
        }
        #expect(result == .abandoned)
        try await bench.stop()
    }

    @Test func whenMessagesWereAcknowledgedIsKnownOfTheLast() {
        var times = AckTimes()
        let start = WallTime(millisecondsSince1970: 1_000_000)
        let now = WallTime(millisecondsSince1970: 1_000_002)
        for number in 1...Int64(AckTimes.capacity + 10) {
            times.note(MessagePosition(rawValue: number), received: start, at: now)
        }
        #expect(times[MessagePosition(rawValue: 10)] == nil)
        #expect(times[MessagePosition(rawValue: 11)] == .milliseconds(2))
        #expect(times[MessagePosition(rawValue: Int64(AckTimes.capacity + 10))] == .milliseconds(2))
    }
}
