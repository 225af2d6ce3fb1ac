import Foundation
import MPushInbox
import MPushModel
import MPushPlatform
import NIOCore
import Testing

@testable import MPushDelivery

/// Named followers: windows, confirmations, cuts.
@Suite(.timeLimit(.minutes(1))) struct FollowerTests {
    /// Lives on the loop.
    final class Sink: FollowerSink, @unchecked Sendable {
        var taken: [Int64] = []
        var ended: [String] = []
        var isFull = false
        var follower: Follower?
        private var waiting: [(condition: (Sink) -> Bool, met: () -> Void)] = []

        func take(_ messages: [StoredMessage]) -> Bool {
            taken += messages.map(\.position.rawValue)
            check()
            return !isFull
        }

        func followerEnded(_ reason: String) {
            ended.append(reason)
            check()
        }

        func wait(_ condition: @escaping (Sink) -> Bool, _ met: @escaping () -> Void) {
            waiting.append((condition, met))
            check()
        }

        private func check() {
            let met = waiting.filter { $0.condition(self) }
            waiting.removeAll { $0.condition(self) }
            for one in met { one.met() }
        }
    }

    private func withBench(_ body: (DeliveryBench) async throws -> Void) async throws {
        let bench = try DeliveryBench()
        defer { bench.remove() }
        try await bench.start([])
        try await body(bench)
        try await bench.stop()
    }

    private func follow(
        _ bench: DeliveryBench, _ name: String = "app", window: Int = 10, isFull: Bool = false
    ) async throws -> Sink {
        let sink = Sink()
        sink.isFull = isFull
        let failure: InboxFailure? = try await bench.ask { stage, done in
            stage.delivery?.follow(name, window: window, fromOldest: true, sink: sink) { result in
                switch result {
                case .success(let follower):
                    sink.follower = follower
                    done(nil)
                case .failure(let failure): done(failure)
                }
            }
        }
        #expect(failure == nil)
        return sink
    }

    private func acknowledge(
        _ bench: DeliveryBench, _ position: Int64, upTo: Bool = false, by name: String = "app"
    ) async throws -> InboxFailure? {
        try await bench.ask { stage, done in
            let position = MessagePosition(rawValue: position)
            stage.delivery?.acknowledge(upTo ? .upTo(position) : .each([position]), by: name) { done($0) }
        }
    }

    private func wait(
        _ bench: DeliveryBench, _ sink: Sink, _ condition: @escaping @Sendable (Sink) -> Bool
    ) async throws {
        _ = try await bench.ask { _, done in sink.wait(condition) { done(true) } }
    }

    /// It confirms everything but the first: what is remembered of that has a bound, and with the first it goes on.
    @Test func whoLeavesOneOutGetsNoMoreAtLast() async throws {
        try await withBench { bench in
            let count: Int64 = 4400
            try await bench.store((1...count).map(String.init))
            let sink = try await follow(bench, window: 100)
            try await wait(bench, sink) { $0.taken.count == 100 }
            var acknowledged: Int64 = 1
            var taken = try await bench.withStage { _ in Int64(sink.taken.count) }
            while taken > acknowledged {
                for position in acknowledged + 1...taken {
                    #expect(try await acknowledge(bench, position) == nil)
                }
                acknowledged = taken
                // The inbox answers in the order of the questions: what was asked for is there after this.
                _ = try await bench.ask { stage, done in stage.inbox.consumers { _ in done(true) } }
                taken = try await bench.withStage { _ in Int64(sink.taken.count) }
            }
            let most = taken
            #expect((4097...4300).contains(most))
            #expect(try await acknowledge(bench, 1) == nil)
            try await wait(bench, sink) { $0.taken.count > most }
        }
    }

    @Test func messagesComeInTheirOrderUpToTheWindow() async throws {
        try await withBench { bench in
            try await bench.store((1...5).map(String.init))
            let sink = try await follow(bench, window: 7)
            try await wait(bench, sink) { $0.taken.count == 5 }
            try await bench.store((6...10).map(String.init))
            try await wait(bench, sink) { $0.taken == Array(1...7) }
            #expect(try await acknowledge(bench, 2, upTo: true) == nil)
            try await wait(bench, sink) { $0.taken == Array(1...9) }
            #expect(try await bench.withStage { $0.consumed } == [1, 2])
        }
    }

    @Test func aFullSinkGetsNoMoreUntilItWantsMore() async throws {
        try await withBench { bench in
            let sink = try await follow(bench, isFull: true)
            try await bench.store(["1"])
            try await bench.store(["2"])
            try await wait(bench, sink) { $0.taken == [1] }
            try await bench.withStage { _ in
                sink.isFull = false
                sink.follower?.wantsMore()
            }
            try await wait(bench, sink) { $0.taken == [1, 2] }
        }
    }

    @Test func afterACutItGoesOnWithWhatIsNotConfirmed() async throws {
        try await withBench { bench in
            try await bench.store((1...6).map(String.init))
            let first = try await follow(bench)
            try await wait(bench, first) { $0.taken.count == 6 }
            #expect(try await acknowledge(bench, 2, upTo: true) == nil)
            #expect(try await acknowledge(bench, 4) == nil)
            try await bench.withStage { _ in first.follower?.close() }
            let second = try await follow(bench)
            try await wait(bench, second) { $0.taken == [3, 5, 6] }
            #expect(first.ended == [])
        }
    }

    @Test func confirmationsCountWithoutAConnection() async throws {
        try await withBench { bench in
            try await bench.store((1...6).map(String.init))
            let first = try await follow(bench, window: 2)
            try await wait(bench, first) { $0.taken == [1, 2] }
            try await bench.withStage { _ in first.follower?.close() }
            #expect(try await acknowledge(bench, 1) == nil)
            #expect(try await acknowledge(bench, 4, upTo: true) == nil)
            #expect(try await bench.withStage { $0.consumed } == [1, 2, 3, 4])
            let second = try await follow(bench)
            try await wait(bench, second) { $0.taken == [5, 6] }
        }
    }

    @Test func confirmationsOutliveTheDaemon() async throws {
        let bench = try DeliveryBench()
        defer { bench.remove() }
        try await bench.start([])
        try await bench.store((1...4).map(String.init))
        let first = try await follow(bench)
        try await wait(bench, first) { $0.taken.count == 4 }
        #expect(try await acknowledge(bench, 2) == nil)
        #expect(try await acknowledge(bench, 1) == nil)
        try await bench.stop()
        #expect(first.ended == ["the daemon is stopping"])
        let again = try DeliveryBench(at: bench.directory)
        try await again.start([])
        // By a follower that has not come back yet.
        #expect(try await acknowledge(again, 3) == nil)
        let second = try await follow(again)
        try await wait(again, second) { $0.taken == [4] }
        try await again.stop()
    }

    @Test func aNameHasOneFollowerAtATime() async throws {
        try await withBench { bench in
            try await bench.store(["1"])
            let first = try await follow(bench)
            try await wait(bench, first) { $0.taken == [1] }
            let second = try await follow(bench)
            try await wait(bench, second) { $0.taken == [1] }
            #expect(try await bench.withStage { _ in first.ended.count } == 1)
            try await bench.store(["2"])
            try await wait(bench, second) { $0.taken == [1, 2] }
            #expect(first.taken == [1])
        }
    }

    @Test func whatIsNotThereIsSaid() async throws {
        try await withBench { bench in
            #expect(try await acknowledge(bench, 1, by: "nobody")?.kind == .noSuch)
            _ = try await follow(bench)
            #expect(try await acknowledge(bench, 7)?.kind == .noSuch)
        }
    }

    /// Nothing is written of a follower that the inbox does not know: its sender must not hear that it was.
    @Test func whatARemovedFollowerConfirmsIsNotAcknowledged() async throws {
        try await withBench { bench in
            try await bench.store(["1"])
            let sink = try await follow(bench)
            try await wait(bench, sink) { $0.taken == [1] }
            let failure: InboxFailure? = try await bench.ask { stage, done in
                stage.inbox.removeConsumer(.follower("app")) { done($0) }
            }
            #expect(failure == nil)
            #expect(try await acknowledge(bench, 1)?.kind == .noSuch)
            #expect(try await bench.withStage { $0.consumed } == [])
        }
    }

    /// The inbox is still asked what is to be confirmed when another takes the name: nothing of it is recorded.
    @Test func whatIsConfirmedTooLateIsNotAnsweredAsRecorded() async throws {
        try await withBench { bench in
            try await bench.store((1...3).map(String.init))
            let first = try await follow(bench, window: 1)
            try await wait(bench, first) { $0.taken == [1] }
            let failure: InboxFailure? = try await bench.ask { stage, done in
                stage.delivery?.acknowledge(.upTo(MessagePosition(rawValue: 3)), by: "app") { done($0) }
                stage.delivery?.follow("app", window: 1, fromOldest: true, sink: Sink()) { _ in }
            }
            #expect(failure?.kind == .busy)
            #expect(try await bench.withStage { $0.consumed } == [])
        }
    }

    /// What the follower before has confirmed is being written yet.
    @Test func aFollowerThatWasReplacedHearsOfANewInbox() async throws {
        try await withBench { bench in
            try await bench.store(["1"])
            let first = try await follow(bench)
            try await wait(bench, first) { $0.taken == [1] }
            let failure: InboxFailure? = try await bench.ask { stage, done in
                stage.delivery?.acknowledge(.each([MessagePosition(rawValue: 1)]), by: "app") { done($0) }
                stage.delivery?.follow("app", window: 1, fromOldest: true, sink: Sink()) { _ in }
                stage.delivery?.inboxBegunAnew()
            }
            #expect(failure?.kind == .busy)
        }
    }

    @Test func aFollowerThatWasReplacedIsWaitedForAtTheEnd() async throws {
        let bench = try DeliveryBench()
        defer { bench.remove() }
        try await bench.start([])
        try await bench.store(["1"])
        let first = try await follow(bench)
        try await wait(bench, first) { $0.taken == [1] }
        let events: [String] = try await bench.ask { stage, done in
            var events: [String] = []
            let happened = { (event: String) in
                events.append(event)
                if events.count == 2 { done(events) }
            }
            stage.delivery?.acknowledge(.each([MessagePosition(rawValue: 1)]), by: "app") { _ in happened("recorded") }
            stage.delivery?.follow("app", window: 1, fromOldest: true, sink: Sink()) { _ in }
            stage.delivery?.stop { happened("stopped") }
        }
        #expect(events == ["recorded", "stopped"])
        _ = try await bench.ask { stage, done in
            stage.inbox.close {
                stage.timer.close()
                done(true)
            }
        }
    }

    @Test func aFollowerThatNeverReadsHoldsUpNobody() async throws {
        try await withBench { bench in
            let idle = try await follow(bench, "idle", window: 3, isFull: true)
            let busy = try await follow(bench, "busy", window: 1000)
            for number in 1...100 { try await bench.store([String(number)]) }
            try await wait(bench, busy) { $0.taken == Array(1...100) }
            #expect(idle.taken.count == 1)
        }
    }

    @Test func anInboxThatBeganAnewEndsFollowers() async throws {
        try await withBench { bench in
            let sink = try await follow(bench)
            try await bench.withStage { $0.delivery?.inboxBegunAnew() }
            try await wait(bench, sink) { $0.ended.count == 1 }
        }
    }

    /// What is recorded of many confirmations makes it wait; it is told of nothing meanwhile.
    @Test func whatIsStoredWhileMuchIsRecordedIsHandedOut() async throws {
        try await withBench { bench in
            try await bench.store((1...3000).map(String.init))
            let sink = try await follow(bench, window: 4000)
            try await wait(bench, sink) { $0.taken.count == 3000 }
            try await bench.withStage { stage in
                // The inbox stores it before it records what is confirmed.
                let last = NewMessage(
                    identity: "home", user: "alice", received: stage.timer.wall, content: ByteBuffer(string: "last"),
                    awaitsConsumer: true)
                stage.inbox.store([last]) { outcomes in
                    guard case .stored(let message)? = outcomes.first else { return }
                    stage.delivery?.stored([message])
                }
                let positions = (1...Int64(3000)).map { MessagePosition(rawValue: $0) }
                stage.delivery?.acknowledge(.each(positions), by: "app") { _ in }
            }
            try await wait(bench, sink) { $0.taken.last == 3001 }
        }
    }

    /// What was handed out comes again with the next connection, unless it is confirmed: then its senders hear of it.
    @Test func whoConfirmsAheadAndGoesHasConfirmedAll() async throws {
        try await withBench { bench in
            try await bench.store((1...20).map(String.init))
            let sink = try await follow(bench, window: 10)
            try await wait(bench, sink) { $0.taken.count == 10 }
            let failure: InboxFailure? = try await bench.ask { stage, done in
                stage.delivery?.acknowledge(.upTo(MessagePosition(rawValue: 15)), by: "app") { done($0) }
                sink.follower?.close()
            }
            #expect(failure == nil)
            try await bench.wait { $0.consumed.sorted() == Array(1...Int64(15)) }
        }
    }

    /// For what is printed there is nobody who would connect again.
    @Test func aPrinterFollowsAgain() async throws {
        try await withBench { bench in
            let pipe = Pipe()
            let (output, input) = (pipe.fileHandleForWriting.fileDescriptor, pipe.fileHandleForReading)
            try await bench.withStage {
                $0.delivery?.printMessages(to: output, again: .milliseconds(1)) { _ in }
            }
            var printed = ""
            for text in ["first", "second"] {
                try await bench.store([text])
                while !printed.contains(text) { printed += String(decoding: input.availableData, as: UTF8.self) }
                try await bench.withStage { $0.delivery?.inboxBegunAnew() }
            }
            // Until here: the pipe goes with it.
            withExtendedLifetime(pipe) {}
        }
    }

    @Test func manyConfirmationsAreOneJobOfTheInbox() async throws {
        try await withBench { bench in
            let count: Int64 = 2000
            try await bench.store((1...count).map(String.init))
            let sink = try await follow(bench, window: 2000)
            try await wait(bench, sink) { $0.taken.count == 2000 }
            // Backwards, with one that is not there: the others count all the same.
            let positions = (2...count + 1).reversed().map { MessagePosition(rawValue: $0) }
            let failure: InboxFailure? = try await bench.ask { stage, done in
                stage.delivery?.acknowledge(.each(positions), by: "app") { done($0) }
            }
            #expect(failure?.kind == .noSuch)
            #expect(try await bench.withStage { $0.consumed } == Array((2...count).reversed()))
            #expect(try await acknowledge(bench, 1) == nil)
            let states = try await bench.ask { stage, done in stage.inbox.consumers { done($0) } }.get()
            #expect(states[.follower("app")]?.cursor.rawValue == count)
        }
    }

    /// Ten thousand names that are away, or have enough for now, cost a message nothing.
    @Test func whoDoesNotListenIsNotToldOfEachMessage() async throws {
        try await withBench { bench in
            try await bench.store(["1"])
            let busy = try await follow(bench, "busy", window: 10)
            try await wait(bench, busy) { $0.taken == [1] }
            for number in 0..<50 {
                let idle = try await follow(bench, "full-\(number)", isFull: true)
                try await wait(bench, idle) { $0.taken == [1] }
                let away = try await follow(bench, "away-\(number)")
                try await wait(bench, away) { $0.taken == [1] }
                try await bench.withStage { _ in away.follower?.close() }
            }
            #expect(try await bench.withStage { $0.delivery?.listening } == 1)
            try await bench.store(["2"])
            try await wait(bench, busy) { $0.taken == [1, 2] }
            #expect(try await bench.withStage { $0.delivery?.listening } == 1)
        }
    }
}
