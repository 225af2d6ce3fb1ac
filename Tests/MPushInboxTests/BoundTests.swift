import MPushConfiguration
import MPushModel
import Testing

@testable import MPushInbox

/// Age, count and bytes.
@Suite struct BoundTests {
    private func settings(_ change: (inout InboxSettings) -> Void) -> InboxSettings {
        var settings = InboxSettings()
        settings.digestWindow = .zero
        change(&settings)
        return settings
    }

    @Test func whatEverybodyHadGivesWayFirst() async throws {
        try await InboxBench.run { bench in
            try await bench.open(settings { $0.maximumMessages = 4 })
            _ = try await bench.consumer(.route("r"))
            _ = try await bench.store(["1", "2", "3", "4"])
            #expect(try await bench.store(["5"]) == [.full])
            #expect(try await bench.status().isFull)
            try await bench.record([.advanced(to: MessagePosition(rawValue: 2))], of: .route("r"))
            #expect(try await bench.store(["5"])[0].message != nil)
            #expect(try await bench.messages().map(\.position.rawValue) == [3, 4, 5])
            #expect(bench.news.contains(.full))
            #expect(bench.news.last == .roomAgain)
        }
    }

    @Test func anUnusedConsumerHoldsNothing() async throws {
        try await InboxBench.run { bench in
            try await bench.open(settings { $0.maximumMessages = 2 })
            _ = try await bench.consumer(.route("r"))
            _ = try await bench.store(["1", "2"])
            _ = try await bench.ask { (inbox, done: @escaping (Bool) -> Void) in
                inbox.retireConsumer(.route("r"))
                done(true)
            }
            #expect(try await bench.store(["3"])[0].message != nil)
        }
    }

    @Test func theOldestAreDroppedWhereThatIsAskedFor() async throws {
        try await InboxBench.run { bench in
            try await bench.open(
                settings {
                    $0.maximumBytes = 100
                    $0.onFull = .dropOldest
                })
            _ = try await bench.consumer(.route("r"))
            let ten = String(repeating: "x", count: 10)
            _ = try await bench.store(Array(repeating: ten, count: 10))
            #expect(try await bench.store([ten + ten])[0].message != nil)
            let status = try await bench.status()
            #expect(status.bytes == 100)
            #expect(status.dropped == 2)
            #expect(bench.news.contains { if case .dropped = $0 { true } else { false } })
            // What can never fit drops nothing.
            #expect(try await bench.store([String(repeating: "x", count: 101)]) == [.full])
            #expect(try await bench.status().dropped == 2)
        }
    }

    @Test func aDeadLetterHoldsItsMessage() async throws {
        try await InboxBench.run { bench in
            try await bench.open(settings { $0.maximumMessages = 2 })
            _ = try await bench.consumer(.route("r"))
            _ = try await bench.store(["1", "2"])
            try await bench.record(
                [
                    .buried(MessagePosition(rawValue: 1), attempts: 1, reason: "no"),
                    .advanced(to: MessagePosition(rawValue: 2)),
                ], of: .route("r"))
            #expect(try await bench.store(["3"])[0].message != nil)
            #expect(try await bench.messages().map(\.position.rawValue) == [1, 3])
        }
    }

    @Test func theOldGo() async throws {
        try await InboxBench.run { bench in
            try await bench.open(
                settings {
                    $0.maximumAge = .seconds(1000)
                    $0.keepDelivered = .seconds(100)
                })
            _ = try await bench.consumer(.route("r"))
            _ = try await bench.store(["1"])
            bench.clock.pass(.seconds(1800))
            _ = try await bench.store(["2"])
            bench.clock.pass(.seconds(150))
            _ = try await bench.store(["3"])
            bench.clock.pass(.seconds(50))
            try await bench.record([.advanced(to: MessagePosition(rawValue: 3))], of: .route("r"))
            try await bench.close()
            try await bench.open(
                settings {
                    $0.maximumAge = .seconds(1000)
                    $0.keepDelivered = .seconds(100)
                })
            // The open transaction looked for old ones.
            #expect(try await bench.messages().map(\.position.rawValue) == [3])
        }
    }
}
