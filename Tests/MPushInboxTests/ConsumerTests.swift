import MPushConfiguration
import MPushModel
import Testing

@testable import MPushInbox

/// How far consumers have come, and what is kept for them.
@Suite struct ConsumerTests {
    private let route = ConsumerName.route("r")

    private func position(_ number: Int64) -> MessagePosition { MessagePosition(rawValue: number) }

    @Test func aNewConsumerBeginsBehindTheLastOrBeforeTheFirst() async throws {
        try await InboxBench.run { bench in
            try await bench.open()
            _ = try await bench.store(["a", "b"])
            #expect(try await bench.consumer(.route("new")).cursor == position(2))
            #expect(try await bench.consumer(.route("old"), fromOldest: true).cursor == .start)
            #expect(try await bench.consumer(.follower("new"), fromOldest: true).cursor == .start)
        }
    }

    /// A route that was there when a message came gets it, also where the disk refused to write down that it is there.
    @Test func aRouteThatCouldNotBeRecordedHasWhatIsStoredMeanwhile() async throws {
        try await InboxBench.run { bench in
            try await bench.open()
            _ = try await bench.store(["before"])
            func execute(_ sql: String) async throws {
                #expect(
                    try await bench.ask { inbox, done in
                        inbox.ask(
                            .process, { store throws(SQLiteError) in try store.database.execute(sql) },
                            done: { done($0.failure == nil) })
                    })
            }
            try await execute("ALTER TABLE consumer RENAME TO elsewhere")
            await #expect(throws: InboxFailure.self) { try await bench.consumer(route) }
            #expect(try await bench.store(["refused, for it would be lost to the route"])[0].message == nil)
            try await execute("ALTER TABLE elsewhere RENAME TO consumer")
            #expect(try await bench.store(["meanwhile"])[0].message?.position == position(2))
            #expect(try await bench.consumer(route).cursor == position(1))
            // One that is not wanted any more keeps nothing.
            try await bench.retire(route)
            #expect(try await bench.store(["later"])[0].message != nil)
            #expect(try await bench.consumers()[route]?.isActive == false)
        }
    }

    @Test func progressIsThereAfterARestart() async throws {
        try await InboxBench.run { bench in
            try await bench.open()
            _ = try await bench.consumer(route)
            _ = try await bench.store((0..<8).map { "m\($0)" })
            try await bench.record(
                [
                    .settled(position(3)), .advanced(to: position(1)), .settled(position(5)),
                    .attempted(position(2), attempts: 3, wait: .seconds(9)),
                    .buried(position(4), attempts: 9, reason: "no"),
                ], of: route)
            try await bench.close()
            try await bench.open()
            let state = try await bench.consumer(route)
            #expect(
                state
                    == ConsumerProgress(
                        cursor: position(1), settledAhead: [position(3), position(4), position(5)],
                        attempted: [.init(position: position(2), attempts: 3, wait: .seconds(9))]))
            #expect(try await bench.deadLetters(of: route) == 1)
            try await bench.record([.advanced(to: position(5))], of: route)
            #expect(try await bench.consumer(route) == ConsumerProgress(cursor: position(5)))
            #expect(try await bench.deadLetters(of: route) == 1)
        }
    }

    @Test func messagesAreFoundByTheirState() async throws {
        try await InboxBench.run { bench in
            try await bench.open()
            _ = try await bench.consumer(route)
            _ = try await bench.store((1...6).map { "m\($0)" })
            try await bench.record(
                [
                    .advanced(to: position(2)), .buried(position(2), attempts: 1, reason: "no"),
                    .settled(position(4)),
                ], of: route)
            func found(_ state: MessageState) async throws -> [Int64] {
                try await bench.messages(MessageQuery(consumer: route, state: state)).map(\.position.rawValue)
            }
            #expect(try await found(.done) == [1, 4])
            #expect(try await found(.dead) == [2])
            #expect(try await found(.pending) == [3, 5, 6])
            #expect(
                try await bench.messages(MessageQuery(after: position(5), limit: 2, isNewestFirst: true))
                    .map(\.position.rawValue) == [4, 3])
            let third = try await bench.messages(MessageQuery(after: position(2), limit: 1))
            #expect(try await bench.messages(MessageQuery(id: third[0].id)) == third)
        }
    }

    /// Message 2 was given up while 1 is still being tried: that it is settled must outlive the dead letter.
    @Test(arguments: [true, false])
    func aDiscardedDeadLetterIsNotHandedOverAgain(all: Bool) async throws {
        try await InboxBench.run { bench in
            try await bench.open()
            _ = try await bench.consumer(route)
            _ = try await bench.store(["a", "b", "c"])
            try await bench.record([.buried(position(2), attempts: 1, reason: "no")], of: route)
            let discarded = try await bench.ask { [route] inbox, done in
                inbox.discardDeadLetters(all ? nil : [MessagePosition(rawValue: 2)], of: route) { done($0) }
            }.get()
            #expect(discarded == 1)
            try await bench.close()
            try await bench.open()
            let state = try await bench.consumer(route)
            #expect(state.cursor == .start && state.settledAhead == [position(2)])
            #expect(try await bench.deadLetters(of: route) == 0)
        }
    }

    /// A page may end between the dead letters that two routes have of one message.
    @Test(arguments: 1...5)
    func pagesOfDeadLettersLeaveNoneOut(limit: Int) async throws {
        try await InboxBench.run { bench in
            try await bench.open()
            let routes = ["a", "b", "c"].map(ConsumerName.route)
            for route in routes { _ = try await bench.consumer(route) }
            _ = try await bench.store(["1", "2", "3"])
            for route in routes {
                try await bench.record(
                    (1...3).map { .buried(position($0), attempts: 1, reason: "no") }, of: route)
            }
            var found: [String] = []
            var last: DeadLetter?
            repeat {
                let query = DeadLetterQuery(
                    after: last?.message.position ?? .start, afterRoute: last?.route, limit: limit)
                let page = try await bench.ask { inbox, done in inbox.deadLetters(query) { done($0) } }.get()
                found += page.deadLetters.map { "\($0.message.position.rawValue) \($0.route)" }
                last = page.next
            } while last != nil && found.count < 20
            #expect(found == (1...3).flatMap { number in routes.map { "\(number) \($0.text)" } })
        }
    }

    @Test func deadLettersComeBackAndGo() async throws {
        try await InboxBench.run { bench in
            try await bench.open()
            _ = try await bench.consumer(route)
            _ = try await bench.store(["a", "b", "c"])
            try await bench.record(
                (1...3).map { .buried(position($0), attempts: 2, reason: "exit status 1") }
                    + [.advanced(to: position(3))], of: route)
            let letters = try await bench.ask { inbox, done in
                inbox.deadLetters(DeadLetterQuery(route: "r", limit: 2)) { done($0) }
            }.get().deadLetters
            #expect(letters.map(\.message.position.rawValue) == [1, 2])
            #expect(letters[0].reason == "exit status 1")
            let returned = try await bench.ask { [route] inbox, done in
                inbox.returnDeadLetters([MessagePosition(rawValue: 2), MessagePosition(rawValue: 9)], of: route) {
                    done($0)
                }
            }.get()
            #expect(returned == [position(2)])
            try await bench.close()
            try await bench.open()
            #expect(try await bench.consumer(route).returned == [position(2)])
            try await bench.record([.settled(position(2))], of: route)
            let discarded = try await bench.ask { [route] inbox, done in
                inbox.discardDeadLetters(nil, of: route) { done($0) }
            }.get()
            #expect(discarded == 2)
            #expect(try await bench.consumer(route) == ConsumerProgress(cursor: position(3)))
            let unknown = try await bench.ask { inbox, done in
                inbox.returnDeadLetters(nil, of: .route("x")) { done($0) }
            }
            #expect(unknown.failure?.kind == .noSuch)
        }
    }

    @Test func aRemovedConsumerIsForgotten() async throws {
        try await InboxBench.run { bench in
            try await bench.open()
            _ = try await bench.consumer(.follower("f"))
            #expect(try await bench.ask { inbox, done in inbox.removeConsumer(.follower("f")) { done($0) } } == nil)
            let again: InboxFailure? = try await bench.ask { inbox, done in
                inbox.removeConsumer(.follower("f")) { done($0) }
            }
            #expect(again?.kind == .noSuch)
        }
    }
}
