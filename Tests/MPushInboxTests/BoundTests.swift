import MPushConfiguration
import MPushModel
import MPushTestSupport
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
            #expect(try await bench.status().holder == .consumer(.route("r"), behind: 4))
            try await bench.record([.advanced(to: MessagePosition(rawValue: 2))], of: .route("r"))
            #expect(try await bench.store(["5"])[0].message != nil)
            #expect(try await bench.status().holder == nil)
            #expect(try await bench.messages().map(\.position.rawValue) == [2, 3, 4, 5])
            #expect(bench.news.contains(.full(.consumer(.route("r"), behind: 4))))
        }
    }

    private func message(_ number: Int, _ text: String = "") -> String {
        "{\"msgId\":\"m\(100 + number)\",\"text\":\"\(text)\"}"
    }

    private func bytes(of message: String) -> Int { message.utf8.count + "m100".utf8.count + Self.names }

    /// What gives way is known no longer, if it comes once more: no more of it than it takes, and a hundredth of the inbox.
    @Test(arguments: [true, false])
    func fewGiveWayAtATime(forBytes: Bool) async throws {
        try await InboxBench.run { bench in
            // The oldest are so large that one of them is more than a hundredth.
            let messages = (0..<400).map { message($0, String(repeating: "x", count: forBytes && $0 < 10 ? 3000 : 1)) }
            try await bench.open(
                settings {
                    if forBytes { $0.maximumBytes = messages.reduce(0) { $0 + bytes(of: $1) } }
                    $0.maximumMessages = forBytes ? 1000 : 400
                })
            _ = try await bench.store(messages)
            #expect(try await bench.store([message(400)])[0].message != nil)
            #expect(try await bench.status().messages == (forBytes ? 400 : 397))
            #expect(try await bench.store([message(399)])[0].message == nil)
            #expect(try await bench.status().duplicates == 1)
        }
    }

    /// What would not help stays, and is known, also while one that does not fit is waited for.
    @Test func nothingGivesWayForWhatDoesNotFit() async throws {
        try await InboxBench.run { bench in
            try await bench.open(settings { $0.maximumBytes = 10_000 })
            _ = try await bench.consumer(.route("r"))
            let kilobyte = String(repeating: "x", count: 900)
            _ = try await bench.store((0..<9).map { message($0, kilobyte) })
            try await bench.record([.advanced(to: MessagePosition(rawValue: 5))], of: .route("r"))
            #expect(try await bench.store([message(20, String(repeating: "x", count: 8000))]) == [.full])
            #expect(try await bench.status().messages == 9)
            #expect(
                try await bench.store([message(0, kilobyte)])
                    == [.duplicate(of: MessagePosition(rawValue: 1), isConsumed: false)])
            try await bench.record([.advanced(to: MessagePosition(rawValue: 8))], of: .route("r"))
            #expect(try await bench.store([message(20, String(repeating: "x", count: 8000))])[0].message != nil)
        }
    }

    /// What everybody has had is not counted as dropped, also where it is not enough.
    @Test func onlyWhatSomebodyStillWantsIsDropped() async throws {
        try await InboxBench.run { bench in
            try await bench.open(
                settings {
                    $0.maximumBytes = 10_000
                    $0.onFull = .dropOldest
                })
            _ = try await bench.consumer(.route("r"))
            _ = try await bench.store((0..<9).map { message($0, String(repeating: "x", count: 900)) })
            try await bench.record([.advanced(to: MessagePosition(rawValue: 5))], of: .route("r"))
            #expect(try await bench.store([message(20, String(repeating: "x", count: 8000))])[0].message != nil)
            #expect(try await bench.status().dropped == 2)
        }
    }

    /// That it is full, and has room again, is said once a minute at most, and then by itself.
    @Test func roomThatComesSoonIsToldWithinAMinute() async throws {
        try await InboxBench.run { bench in
            bench.timerClock = bench.clock
            try await bench.open(settings { $0.maximumMessages = 1 })
            _ = try await bench.consumer(.route("r"))
            _ = try await bench.store(["1"])
            #expect(try await bench.store(["2"]) == [.full])
            try await bench.record([.advanced(to: MessagePosition(rawValue: 1))], of: .route("r"))
            #expect(try await !bench.status().isFull)
            #expect(!bench.news.contains(.roomAgain))
            bench.clock.advance(by: .seconds(61))
            // Behind the alarm, on the same loop.
            #expect(try await !bench.status().isFull)
            #expect(bench.news.last == .roomAgain)
        }
    }

    /// Under other bounds, what was refused under the old ones may never fit, or fit always.
    @Test(arguments: [InboxSettings.FullPolicy.refuse, .dropOldest])
    func otherBoundsSayAnewWhetherItIsFull(onFull: InboxSettings.FullPolicy) async throws {
        try await InboxBench.run { bench in
            try await bench.open(settings { $0.maximumBytes = 3000 })
            _ = try await bench.consumer(.route("r"))
            func text(_ count: Int) -> String { String(repeating: "x", count: count) }
            _ = try await bench.store([text(1000), text(1001)])
            #expect(try await bench.store([text(2000)]) == [.full])
            #expect(try await bench.status().isFull)
            try await bench.apply(
                settings {
                    $0.maximumBytes = 1500
                    $0.onFull = onFull
                })
            #expect(try await bench.status().isFull == (onFull == .refuse))
            try await bench.record([.advanced(to: MessagePosition(rawValue: 2))], of: .route("r"))
            #expect(try await !bench.status().isFull)
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

    /// A message counts its content and the names that it is kept with; here those of its identity and its user.
    private static let names = "home".utf8.count + "alice".utf8.count

    @Test func theOldestAreDroppedWhereThatIsAskedFor() async throws {
        try await InboxBench.run { bench in
            let room = 10 * (10 + Self.names)
            try await bench.open(
                settings {
                    $0.maximumBytes = room
                    $0.onFull = .dropOldest
                })
            _ = try await bench.consumer(.route("r"))
            let ten = String(repeating: "x", count: 10)
            _ = try await bench.store(Array(repeating: ten, count: 10))
            #expect(try await bench.status().bytes == room)
            #expect(try await bench.store([ten + ten])[0].message != nil)
            let status = try await bench.status()
            #expect(status.bytes == room - 2 * (10 + Self.names) + 20 + Self.names)
            #expect(status.dropped == 2)
            #expect(bench.news.contains { if case .dropped = $0 { true } else { false } })
            // What can never fit drops nothing, and says nothing of the room that there is.
            #expect(try await bench.store([String(repeating: "x", count: room)]) == [.full])
            #expect(try await bench.status().dropped == 2)
            #expect(try await !bench.status().isFull)
        }
    }

    /// Dead letters and their reasons count, and what they count is given back with them, and found again at the next start.
    @Test func everythingCounts() async throws {
        try await InboxBench.run { bench in
            try await bench.open()
            _ = try await bench.consumer(.route("r"), fromOldest: true)
            _ = try await bench.consumer(.follower("f"), fromOldest: true)
            _ = try await bench.store(["1", #"{"msgId":"three"}"#, "2", "3"])
            let empty = try await bench.status().bytes
            #expect(empty == 4 * Self.names + 3 + #"{"msgId":"three"}three"#.utf8.count)
            func position(_ number: Int64) -> MessagePosition { MessagePosition(rawValue: number) }
            try await bench.record(
                [
                    .buried(position(1), attempts: 1, reason: String(repeating: "é", count: 70_000)),
                    .buried(position(2), attempts: 1, reason: "no"), .settled(position(3)),
                    .attempted(position(4), attempts: 1, wait: .seconds(5)),
                ], of: .route("r"))
            try await bench.record([.settled(position(4))], of: .follower("f"))
            let full = try await bench.status().bytes
            let reasons = full - empty - 5 * DeliveryRecord.bytes - "no".utf8.count
            #expect((AttemptResult.longestReason - 3...AttemptResult.longestReason).contains(reasons))
            try await bench.close()
            try await bench.open()
            #expect(try await bench.status().bytes == full)
            #expect(try await bench.deadLetters(of: .route("r")) == 2)
            let letters = try await bench.ask { inbox, done in inbox.deadLetters(DeadLetterQuery()) { done($0) } }.get()
            #expect(letters.deadLetters[0].reason.utf8.count == reasons)
            #expect(letters.deadLetters[0].reason.hasPrefix("éé") && letters.deadLetters[0].reason.hasSuffix("é…"))
            let removed: InboxFailure? = try await bench.ask { inbox, done in
                inbox.removeConsumer(.follower("f")) { done($0) }
            }
            #expect(removed == nil)
            try await bench.record([.advanced(to: position(4))], of: .route("r"))
            _ = try await bench.ask { inbox, done in inbox.discardDeadLetters(nil, of: .route("r")) { done($0) } }.get()
            // That they were discarded is known until the messages go.
            #expect(try await bench.status().bytes == empty + 2 * DeliveryRecord.bytes)
            #expect(try await bench.deadLetters(of: .route("r")) == 0)
        }
    }

    /// Reasons that fill the inbox are a full inbox.
    @Test func deadLettersFillTheInbox() async throws {
        try await InboxBench.run { bench in
            try await bench.open(settings { $0.maximumBytes = 4000 })
            _ = try await bench.consumer(.route("r"))
            let reason = String(repeating: "x", count: 400)
            var stored = 0
            for number in 1...20 {
                guard let message = try await bench.store(["\(number)"])[0].message else { break }
                stored += 1
                try await bench.record(
                    [.buried(message.position, attempts: 1, reason: reason), .advanced(to: message.position)],
                    of: .route("r"))
            }
            #expect((7...9).contains(stored))
            #expect(try await bench.status().isFull)
            #expect(try await bench.status().holder == .deadLetters(stored))
            #expect(try await !bench.status().isHealthy)
            // Room that comes by what is recorded is noticed, also where nobody pushes any more.
            let discarded = try await bench.ask { inbox, done in
                inbox.discardDeadLetters(nil, of: .route("r")) { done($0) }
            }.get()
            #expect(discarded == stored)
            #expect(try await !bench.status().isFull)
        }
    }

    /// Whatever takes a dead letter's message takes it from the count as well: age, want of room; and what is given up while
    /// its message gives way is none.
    @Test(arguments: [true, false])
    func deadLettersThatGiveWayAreNotCounted(byAge: Bool) async throws {
        try await InboxBench.run { bench in
            try await bench.open(
                settings {
                    if byAge { $0.maximumAge = .seconds(100) } else { $0.maximumMessages = 2 }
                    $0.onFull = .dropOldest
                })
            _ = try await bench.consumer(.route("r"))
            _ = try await bench.store(["1", "2"])
            func position(_ number: Int64) -> MessagePosition { MessagePosition(rawValue: number) }
            try await bench.record([.buried(position(1), attempts: 1, reason: "no")], of: .route("r"))
            #expect(try await bench.deadLetters(of: .route("r")) == 1)
            bench.clock.advance(by: .seconds(161))
            _ = try await bench.store(["3", "4"])
            #expect(try await bench.messages().map(\.position.rawValue) == [3, 4])
            #expect(try await bench.deadLetters(of: .route("r")) == 0)
            // Its last attempt was under way meanwhile.
            try await bench.record([.buried(position(2), attempts: 1, reason: "no")], of: .route("r"))
            #expect(try await bench.deadLetters(of: .route("r")) == 0)
            try await bench.close()
            try await bench.open()
            #expect(try await bench.deadLetters(of: .route("r")) == 0)
            let letters = try await bench.ask { inbox, done in inbox.deadLetters(DeadLetterQuery()) { done($0) } }.get()
            #expect(letters.deadLetters.isEmpty)
        }
    }

    /// A message that dead letters held goes when the last of them does: also where it was passed by long ago.
    @Test func whatADeadLetterHeldGoesAfterIt() async throws {
        try await InboxBench.run { bench in
            try await bench.open(settings { $0.maximumMessages = 4 })
            for name in ["a", "b"] { _ = try await bench.consumer(.route(name)) }
            _ = try await bench.store(["1", "2", "3", "4"])
            func position(_ number: Int64) -> MessagePosition { MessagePosition(rawValue: number) }
            for name in ["a", "b"] {
                try await bench.record(
                    (1...4).map { .buried(position($0), attempts: 1, reason: "no") } + [.advanced(to: position(4))],
                    of: .route(name))
            }
            #expect(try await bench.store(["5"]) == [.full])
            func discard(_ number: Int64, of route: String) async throws {
                _ = try await bench.ask { inbox, done in
                    inbox.discardDeadLetters([MessagePosition(rawValue: number)], of: .route(route)) { done($0) }
                }.get()
            }
            try await discard(3, of: "a")
            #expect(try await bench.store(["5"]) == [.full])
            try await discard(3, of: "b")
            #expect(try await bench.store(["5"])[0].message != nil)
            #expect(try await bench.messages().map(\.position.rawValue) == [1, 2, 4, 5])
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

    /// What everybody has had is not dropped, however much of it there is, and however long it was to be kept.
    @Test(arguments: [100, 5000])
    func whatIsSettledIsNotCountedAsDropped(keepDelivered: Int) async throws {
        try await InboxBench.run { bench in
            try await bench.open(
                settings {
                    $0.maximumAge = .seconds(1000)
                    $0.keepDelivered = .seconds(keepDelivered)
                })
            _ = try await bench.consumer(.route("r"))
            _ = try await bench.store((1...300).map { "\($0)" })
            try await bench.record([.advanced(to: MessagePosition(rawValue: 300))], of: .route("r"))
            bench.clock.advance(by: .seconds(2000))
            for number in 301...303 { _ = try await bench.store(["\(number)"]) }
            #expect(try await bench.messages().map(\.position.rawValue) == [301, 302, 303])
            #expect(try await bench.status().dropped == 0)
            #expect(bench.news.isEmpty)
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
            bench.clock.advance(by: .seconds(1800))
            _ = try await bench.store(["2"])
            bench.clock.advance(by: .seconds(150))
            _ = try await bench.store(["3"])
            bench.clock.advance(by: .seconds(50))
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
