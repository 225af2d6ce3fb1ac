import Foundation
import MPushConfiguration
import MPushModel
import MPushTestSupport
import NIOCore
import Testing

@testable import MPushInbox

/// Wall clocks that are wrong, and are set: simulated, the machine's is left alone. Nothing is dropped for that; what is
/// old by time that has passed is.
@Suite struct ClockTests {
    private static let day = Duration.seconds(86_400)
    private static let years = day * 365 * 20

    /// What is left, and how many were dropped.
    private func left(_ bench: InboxBench) async throws -> [String] {
        // What waits for more than a minute is looked at.
        bench.clock.advance(by: .seconds(61))
        _ = try await bench.store(["look"])
        return try await bench.messages().map { String(buffer: $0.content) }.filter { $0 != "look" }
    }

    private func dropped(_ bench: InboxBench) -> Int {
        bench.news.reduce(0) { if case .dropped(let count) = $1 { $0 + count } else { $0 } }
    }

    /// Runs `body` with an inbox in which a message waits for a route.
    private func withWaitingMessage(_ body: (InboxBench) async throws -> Void) async throws {
        try await InboxBench.run { bench in
            try await bench.open()
            _ = try await bench.consumer(.route("r"), fromOldest: true)
            _ = try await bench.store(["old"])
            try await body(bench)
        }
    }

    private func restart(_ bench: InboxBench) async throws {
        try await bench.close()
        try await bench.open()
    }

    @Test(arguments: [400, -60, 365 * 20, -365 * 50], [true, false])
    func aLeapDropsNothing(days: Int, isSynchronised: Bool) async throws {
        try await withWaitingMessage { bench in
            bench.clock.isWallSynchronised = isSynchronised
            bench.clock.leapWall(by: Self.day * days)
            #expect(try await left(bench) == ["old"])
            try await restart(bench)
            #expect(try await left(bench) == ["old"])
            bench.clock.leapWall(by: Self.day * -days)
            try await restart(bench)
            #expect(try await left(bench) == ["old"])
            #expect(dropped(bench) == 0)
        }
    }

    /// No clock of its own, or a wrong one; the right time comes later.
    @Test(arguments: [400, -60, 365 * 20, -365 * 50])
    func aBootWithAWrongClockDropsNothing(days: Int) async throws {
        try await withWaitingMessage { bench in
            try await bench.close()
            bench.clock.boot("second", leap: Self.day * days, isSynchronised: false)
            try await bench.open()
            _ = try await bench.store(["wrong"])
            #expect(try await left(bench) == ["old", "wrong"])
            bench.clock.leapWall(by: Self.day * -days)
            bench.clock.isWallSynchronised = true
            #expect(try await left(bench) == ["old", "wrong"])
            try await restart(bench)
            #expect(try await left(bench) == ["old", "wrong"])
            #expect(dropped(bench) == 0)
        }
    }

    /// What came before the time was ever known to be right: how old it is, nobody knows.
    @Test func whatCameUnderAWrongClockStaysAtTheNextBoot() async throws {
        try await InboxBench.run { bench in
            bench.clock.boot("first", leap: .zero - Self.years, isSynchronised: false)
            try await bench.open()
            _ = try await bench.consumer(.route("r"), fromOldest: true)
            _ = try await bench.store(["old"])
            try await bench.close()
            bench.clock.boot("second", leap: Self.years, isSynchronised: true)
            try await bench.open()
            #expect(try await left(bench) == ["old"])
            #expect(dropped(bench) == 0)
        }
    }

    @Test func timeThatPassedIsTime() async throws {
        try await withWaitingMessage { bench in
            bench.clock.isWallSynchronised = false
            bench.clock.advance(by: Self.day * 29)
            #expect(try await left(bench) == ["old"])
            try await bench.close()
            bench.clock.advance(by: Self.day)
            try await bench.open()
            #expect(try await left(bench).isEmpty)
            #expect(dropped(bench) == 1)
        }
    }

    @Test func theTimeThatAMachineWasOffIsTimeOnceTheClockIsRight() async throws {
        try await withWaitingMessage { bench in
            try await bench.close()
            bench.clock.boot("second", leap: Self.day * 31, isSynchronised: false)
            try await bench.open()
            _ = try await bench.store(["new"])
            #expect(try await left(bench) == ["old", "new"])
            bench.clock.isWallSynchronised = true
            #expect(try await left(bench) == ["new"])
            #expect(dropped(bench) == 1)
            bench.clock.advance(by: Self.day * 29)
            #expect(try await left(bench) == ["new"])
        }
    }

    /// Whether the machine was off for long before that boot or after it, nobody knows.
    @Test func whatCameInABootThatNeverKnewTheTimeCountsAsLate() async throws {
        try await withWaitingMessage { bench in
            try await bench.close()
            bench.clock.boot("second", leap: .zero - Self.years, isSynchronised: false)
            try await bench.open()
            bench.clock.advance(by: .seconds(100))
            _ = try await bench.store(["between"])
            try await bench.close()
            bench.clock.boot("third", leap: Self.years + Self.day * 60, isSynchronised: true)
            try await bench.open()
            #expect(try await left(bench) == ["between"])
        }
    }

    /// The kernel may say what it likes: a clock behind what an earlier boot has seen is not right.
    @Test func aClockBehindTheRecordIsNotBelieved() async throws {
        try await withWaitingMessage { bench in
            try await bench.close()
            bench.clock.boot("second", leap: .zero - Self.years, isSynchronised: true)
            try await bench.open()
            #expect(try await left(bench) == ["old"])
            bench.clock.leapWall(by: Self.years)
            #expect(try await left(bench) == ["old"])
            #expect(dropped(bench) == 0)
        }
    }

    /// Leaps, boots and restarts in any order within less than the greatest age.
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func nothingThatIsNotOldIsEverDropped(seed: UInt64) async throws {
        var random = SplitMix64(seed: seed)
        try await withWaitingMessage { bench in
            for step in 1...40 {
                switch Int.random(in: 0..<5, using: &random) {
                case 0:
                    // Only a right clock is said to be right.
                    bench.clock.isWallSynchronised = false
                    bench.clock.leapWall(by: Self.day * Int.random(in: -20_000...20_000, using: &random))
                case 1:
                    bench.clock.setWall(.now)
                    bench.clock.isWallSynchronised = true
                case 2:
                    try await bench.close()
                    bench.clock.boot(
                        "boot \(step)", leap: Self.day * Int.random(in: -2000...2000, using: &random),
                        isSynchronised: false)
                    try await bench.open()
                case 3: try await restart(bench)
                default: bench.clock.advance(by: .seconds(Int.random(in: 0...40_000, using: &random)))
                }
                _ = try await bench.store(["\(step)"])
            }
            #expect(try await bench.messages(MessageQuery(limit: 100)).count == 41)
            #expect(dropped(bench) == 0)
        }
    }

    @Test func whatCameUnderAWrongClockShowsTheRightDateOnceThatIsKnown() async throws {
        try await InboxBench.run { bench in
            bench.clock.boot("first", leap: .zero - Self.years, isSynchronised: false)
            try await bench.open()
            _ = try await bench.consumer(.route("r"), fromOldest: true)
            _ = try await bench.store(["x"], at: bench.clock.wall)
            bench.clock.leapWall(by: Self.years)
            let right = bench.clock.wall
            bench.clock.isWallSynchronised = true
            _ = try await left(bench)
            #expect(try await bench.messages()[0].received == right)
        }
    }

    @Test func aDuplicateStaysOneAcrossALeap() async throws {
        try await withWaitingMessage { bench in
            let id = #"{"msgId":7}"#
            _ = try await bench.store([id])
            bench.clock.leapWall(by: Self.years)
            #expect(try await bench.store([id, "old"]).allSatisfy { $0.message == nil })
            try await bench.close()
            bench.clock.boot("second", leap: .zero - Self.years, isSynchronised: false)
            try await bench.open()
            #expect(try await bench.store([id])[0].message == nil)
            // The same words may be another message: how long the machine was off is not known.
            #expect(try await bench.store(["old"])[0].message != nil)
            bench.clock.advance(by: Self.day)
            #expect(try await bench.store([id])[0].message != nil)
        }
    }

    @Test(arguments: [20, -20])
    func aRetryWaitsNoLongerThanItWasToWait(years: Int) async throws {
        try await withWaitingMessage { bench in
            let position = MessagePosition(rawValue: 1)
            try await bench.record([.attempted(position, attempts: 2, wait: .seconds(60))], of: .route("r"))
            func wait() async throws -> Duration? { try await bench.consumer(.route("r")).attempted.first?.wait }
            bench.clock.leapWall(by: Self.day * 365 * years)
            #expect(try await wait() == .seconds(60))
            bench.clock.advance(by: .seconds(20))
            try await restart(bench)
            #expect(try await wait() == .seconds(40))
            try await bench.close()
            bench.clock.boot("second", leap: Self.day * 365 * -years, isSynchronised: true)
            try await bench.open()
            let left = try #require(try await wait())
            #expect(left <= .seconds(60))
            bench.clock.advance(by: .seconds(61))
            #expect(try await wait() == .zero)
        }
    }
}
