import MPushConfiguration
import MPushModel
import MPushTestSupport
import Testing

@testable import MPushInbox

/// What became of single messages, and routes that an operator has paused.
@Suite struct TraceTests {
    private let route = ConsumerName.route("r")

    private func position(_ number: Int64) -> MessagePosition { MessagePosition(rawValue: number) }

    private func trace(_ id: String, _ bench: InboxBench) async throws -> MessageTrace? {
        try await bench.ask { inbox, done in inbox.trace(id) { done($0) } }.get()
    }

    private func fate(_ number: Int64, _ bench: InboxBench, with name: ConsumerName? = nil) async throws
        -> DeliveryFate?
    {
        try await trace("#\(number)", bench)?.deliveries.first { $0.consumer == name ?? route }?.fate
    }

    private func wall(_ bench: InboxBench) -> WallTime { bench.clock.wall }

    @Test func eachStateIsTold() async throws {
        try await InboxBench.run { bench in
            try await bench.open()
            _ = try await bench.store(["before"])
            _ = try await bench.consumer(route)
            _ = try await bench.store((2...6).map { "m\($0)" })
            let first = wall(bench)
            try await bench.record([.consumed(position(2)), .advanced(to: position(2))], of: route)
            bench.clock.advance(by: .seconds(60))
            try await bench.record(
                [
                    .buried(position(3), attempts: 4, reason: "exit status 3"), .advanced(to: position(3)),
                    .attempted(position(4), attempts: 2, wait: .seconds(9)), .settled(position(5)),
                ], of: route)
            #expect(try await fate(1, bench) == .before)
            #expect(try await fate(2, bench) == .done(at: first))
            #expect(try await fate(3, bench) == .dead(attempts: 4, reason: "exit status 3", at: wall(bench)))
            #expect(try await fate(4, bench) == .waiting(attempts: 2, again: .seconds(9), isReturned: false))
            #expect(try await fate(5, bench) == .done(at: wall(bench)))
            #expect(try await fate(6, bench) == .waiting(attempts: 0, again: nil, isReturned: false))
            for id in ["#7", "nobody", "#x", "#", "#-1"] {
                #expect(try await trace(id, bench) == nil, "\(id)")
            }
            try await bench.close()
            try await bench.open()
            #expect(try await fate(2, bench) == .done(at: first))
        }
    }

    /// Also where they are said together, with gaps between them.
    @Test func whatWasConfirmedIsKnownOfEach() async throws {
        try await InboxBench.run { bench in
            try await bench.open()
            _ = try await bench.consumer(route)
            _ = try await bench.store((1...7).map { "m\($0)" })
            try await bench.record(
                [
                    .consumed(position(1)), .consumed(position(2)), .consumed(position(4)), .settled(position(4)),
                    .consumed(position(5)), .settled(position(5)), .advanced(to: position(2)), .consumed(position(7)),
                ], of: route)
            var confirmed: [Int64] = []
            for number in 1...7 as ClosedRange<Int64> where try await trace("#\(number)", bench)?.isConfirmed == true {
                confirmed.append(number)
            }
            #expect(confirmed == [1, 2, 4, 5, 7])
        }
    }

    /// A dead letter that was sent again was done when it was confirmed, not when it was given up.
    @Test func whatWasSentAgainIsDoneWhenItWasConfirmed() async throws {
        try await InboxBench.run { bench in
            try await bench.open()
            _ = try await bench.consumer(route)
            _ = try await bench.store(["a"])
            try await bench.record(
                [.buried(position(1), attempts: 1, reason: "no"), .advanced(to: position(1))], of: route)
            bench.clock.advance(by: .seconds(3600))
            _ = try await bench.ask { [route] inbox, done in
                inbox.returnDeadLetters(nil, of: route) { done($0) }
            }.get()
            #expect(try await fate(1, bench) == .waiting(attempts: 0, again: .zero, isReturned: true))
            bench.clock.advance(by: .seconds(5))
            try await bench.record([.consumed(position(1)), .settled(position(1))], of: route)
            #expect(try await fate(1, bench) == .done(at: wall(bench)))
            #expect(try await bench.consumers()[route]?.settledAhead == 0)
            let done = try await bench.messages(MessageQuery(consumer: route, state: .done))
            #expect(done.map(\.position) == [position(1)])
        }
    }

    /// What an operator gave up was not delivered.
    @Test(arguments: [false, true]) func whatWasDiscardedIsTold(isAhead: Bool) async throws {
        try await InboxBench.run { bench in
            try await bench.open()
            _ = try await bench.consumer(route)
            _ = try await bench.store(["a", "b"])
            let number: Int64 = isAhead ? 2 : 1
            let buried = ConsumerChange.buried(position(number), attempts: 1, reason: "no")
            try await bench.record([buried] + (isAhead ? [] : [.advanced(to: position(1))]), of: route)
            bench.clock.advance(by: .seconds(60))
            _ = try await bench.ask { [route] inbox, done in
                inbox.discardDeadLetters(nil, of: route) { done($0) }
            }.get()
            #expect(try await fate(number, bench) == .discarded(at: wall(bench)))
            #expect(try await bench.consumers()[route]?.deadLetters == 0)
            let done = try await bench.messages(MessageQuery(consumer: route, state: .done))
            #expect(done.map(\.position) == [position(number)])
            let pending = try await bench.messages(MessageQuery(consumer: route, state: .pending))
            #expect(pending.map(\.position) == [position(3 - number)])
            // After a start it is settled still, and passed with those before it.
            try await bench.close()
            try await bench.open()
            #expect(try await bench.consumer(route).settledAhead == (isAhead ? [position(2)] : []))
            try await bench.record([.advanced(to: position(2))], of: route)
            #expect(try await fate(number, bench) == .discarded(at: wall(bench)))
        }
    }

    /// One row a second at most, and none for messages that are gone.
    @Test func passagesAreFewAndGoWithTheirMessages() async throws {
        try await InboxBench.run { bench in
            var settings = InboxSettings()
            settings.keepDelivered = .seconds(100)
            try await bench.open(settings)
            _ = try await bench.consumer(route)
            func rows() async throws -> Int64 {
                try await bench.ask { inbox, done in
                    inbox.ask(
                        .none,
                        { store throws(SQLiteError) in
                            try store.database.number("SELECT count(*) FROM passage") ?? 0
                        }, done: { done($0) })
                }.get()
            }
            _ = try await bench.store((1...50).map { "m\($0)" })
            for number in 1...50 {
                bench.clock.advance(by: .milliseconds(100))
                try await bench.record([.advanced(to: position(Int64(number)))], of: route)
            }
            #expect(try await (5...6).contains(rows()))
            // Each is done at the time of its own second.
            for number in 1...50 {
                guard case .done(let time?) = try await fate(Int64(number), bench) else {
                    Issue.record("\(number)")
                    continue
                }
                let late = wall(bench).millisecondsSince1970 - Int64(50 - number) * 100 - time.millisecondsSince1970
                #expect((0..<1000).contains(late), "\(number)")
            }
            for _ in 0..<3 {
                bench.clock.advance(by: .seconds(120))
                _ = try await bench.store(["\(wall(bench).millisecondsSince1970)"])
            }
            #expect(try await rows() <= 1)
        }
    }

    @Test func aConsumerThatIsRemovedLeavesNothing() async throws {
        try await InboxBench.run { bench in
            try await bench.open()
            let follower = ConsumerName.follower("f")
            _ = try await bench.consumer(follower)
            _ = try await bench.store(["a", "b"])
            try await bench.record([.advanced(to: position(1))], of: follower)
            bench.clock.advance(by: .seconds(10))
            let removed: InboxFailure? = try await bench.ask { inbox, done in
                inbox.removeConsumer(follower) { done($0) }
            }
            #expect(removed == nil)
            // It has the number of the one that was removed.
            _ = try await bench.consumer(follower, fromOldest: true)
            try await bench.record([.advanced(to: position(2))], of: follower)
            #expect(try await fate(1, bench, with: follower) == .done(at: wall(bench)))
        }
    }

    @Test func theNewestOfAnIDIsTracedAndTheOthersAreNamed() async throws {
        try await InboxBench.run { bench in
            try await bench.open()
            let content = #"{"msgId":"m-1"}"#
            _ = try await bench.store([content], identity: "a")
            _ = try await bench.store([content], identity: "b", awaits: true)
            let id = try await bench.messages()[0].id
            let trace = try #require(try await trace(id, bench))
            #expect(trace.message.identity == "b" && trace.others == [position(1)])
            #expect(trace.awaitsConfirmation && !trace.isConfirmed)
        }
    }

    @Test func messagesAreFoundByUserTimeAndText() async throws {
        try await InboxBench.run { bench in
            try await bench.open()
            let start = WallTime(millisecondsSince1970: 1_795_342_272_123)
            _ = try await bench.store(["the printer burns", "all is well"], at: start)
            _ = try await bench.store(["the printer is out"], at: WallTime(millisecondsSince1970: 1_795_342_300_000))
            func found(_ change: (inout MessageQuery) -> Void) async throws -> [Int64] {
                var query = MessageQuery()
                change(&query)
                return try await bench.messages(query).map(\.position.rawValue)
            }
            #expect(try await found { $0.text = "printer" } == [1, 3])
            #expect(try await found { $0.text = "Printer" } == [])
            #expect(try await found { $0.since = WallTime(millisecondsSince1970: 1_795_342_272_124) } == [3])
            #expect(try await found { $0.since = start } == [1, 2, 3])
            #expect(try await found { $0.user = "alice" } == [1, 2, 3])
            #expect(try await found { $0.user = "bob" } == [])
        }
    }

    // MARK: - Pauses

    @Test func aPauseIsKeptOverRestarts() async throws {
        try await InboxBench.run { bench in
            try await bench.open()
            _ = try await bench.consumer(route)
            func pause(_ pause: RoutePause?, _ name: ConsumerName) async throws -> InboxFailure? {
                try await bench.ask { inbox, done in inbox.pauseConsumer(name, pause) { done($0) } }
            }
            #expect(try await pause(.lasting(.seconds(3600)), .route("x"))?.kind == .noSuch)
            #expect(try await pause(.lasting(.seconds(3600)), route) == nil)
            try await bench.retire(route)
            try await bench.close()
            bench.clock.advance(by: .seconds(600))
            try await bench.open()
            #expect(try await bench.consumer(route).pause == .lasting(.seconds(3000)))
            bench.clock.advance(by: .seconds(3000))
            #expect(try await bench.consumer(route).pause == nil)
            #expect(try await pause(.untilResumed, route) == nil)
            try await bench.close()
            try await bench.open()
            #expect(try await bench.consumer(route).pause == .untilResumed)
            #expect(try await pause(nil, route) == nil)
            #expect(try await bench.consumer(route).pause == nil)
        }
    }
}
