import MPushJSON
import MPushModel
import Testing

@testable import MPushRouting

/// `order_by`: one at a time of each key, others beside it.
@Suite struct RouteScheduleOrderTests {
    private func bench(_ keys: Int64, messages: Int = 30, concurrency: Int = 4, attempts: Int = 3) -> RouteScheduleBench
    {
        var bench = RouteScheduleBench(
            RouteSchedule.Settings(
                concurrency: concurrency, retry: RetryPolicy(attempts: attempts), isOrderedByKey: true))
        bench.key = { "\($0.rawValue % keys)" }
        bench.store([Bool](repeating: true, count: messages))
        return bench
    }

    @Test func oneOfEachKeyIsUnderWay() {
        var bench = bench(3)
        #expect(bench.running == [1, 2, 3])
        bench.end(2, .confirmed)
        #expect(bench.running == [1, 3, 5])
        bench.end(1, .confirmed)
        #expect(bench.running == [3, 5, 4])
    }

    @Test func aKeyWhoseMessageFailsWaitsAndOthersGoOn() {
        var bench = bench(3)
        bench.end(1, .failed("busy", retryAfter: nil))
        for position: MessagePosition in [2, 3, 5, 6, 8, 9] { bench.end(position, .confirmed) }
        #expect(!bench.running.contains(4) && !bench.running.contains(1))
        bench.pass(.seconds(2))
        #expect(bench.running.contains(1))
        bench.end(1, .confirmed)
        #expect(bench.running.contains(4) && bench.violations == [])
    }

    /// With nothing else to try, the one behind shows whose fault it is.
    @Test func aBadMessageDoesNotHoldTheOnlyKeyForEver() {
        var bench = bench(1, messages: 5)
        for _ in 0..<1000 where !bench.confirmed.keys.contains(5) {
            if let position = bench.running.first {
                bench.end(position, position == 1 ? .failed("500", retryAfter: nil) : .confirmed)
            } else {
                bench.pass(.seconds(1))
            }
        }
        #expect(bench.buried == [1: 1] && bench.confirmed.count == 4 && bench.violations == [])
    }

    /// One bad message after another, each at the head of its key: what is behind them shows whose fault it is.
    @Test func badMessagesAtTheHeadsOfAllKeysDoNotHoldTheRouteForEver() {
        var bench = bench(2, messages: 6, concurrency: 2)
        for _ in 0..<20_000 where bench.confirmed.count + bench.buried.count < 6 {
            if let position = bench.running.first {
                bench.end(position, position == 1 || position == 2 ? .failed("500", retryAfter: nil) : .confirmed)
            } else {
                bench.pass(.seconds(1))
            }
        }
        #expect(Set(bench.buried.keys) == [1, 2], "\(bench.buried)")
        #expect(bench.confirmed.count == 4 && bench.violations == [], "\(bench.confirmed), \(bench.violations)")
    }

    @Test func aDeadLetterThatIsSentAgainWaitsForItsKey() {
        var bench = bench(2, messages: 4, attempts: 1)
        bench.end(1, .rejected("never"))
        #expect(bench.running == [2, 3])
        bench.sendAgain()
        bench.answerFetch()
        #expect(bench.running == [2, 3])
        bench.end(3, .confirmed)
        bench.answerFetch()
        #expect(bench.running == [2, 1] && bench.violations == [])
        bench.end(1, .confirmed)
        #expect(bench.disk.returned.isEmpty)
    }

    /// They are woken by the end of what is under way; each is read twice at most, and in between nobody looks.
    @Test func manyDeadLettersOfABusyKeyWaitInQuiet() {
        var bench = bench(1, messages: 100, concurrency: 2, attempts: 1)
        for position in 1...99 { bench.end(MessagePosition(rawValue: Int64(position)), .rejected("never")) }
        #expect(bench.running == [100])
        bench.sendAgain()
        var readings = 0
        while !bench.returnedFetches.isEmpty {
            bench.answerFetch()
            readings += 1
        }
        #expect(readings == 99 && bench.running == [100])
        let before = bench.now
        #expect(bench.deadline.map { $0 > before + .seconds(1) } ?? true)
        bench.pass(.seconds(600))
        #expect(bench.returnedFetches.isEmpty && bench.running == [100])
        bench.end(100, .confirmed)
        for position in 1...99 {
            while !bench.returnedFetches.isEmpty {
                bench.answerFetch()
                readings += 1
            }
            #expect(bench.running == [MessagePosition(rawValue: Int64(position))])
            bench.end(MessagePosition(rawValue: Int64(position)), .confirmed)
        }
        #expect(readings <= 2 * 99 && bench.disk.returned.isEmpty && bench.violations == [])
    }

    @Test func messagesOfOneKeyGoTogetherInABatch() {
        var bench = RouteScheduleBench(
            RouteSchedule.Settings(
                concurrency: 2, retry: RetryPolicy(), batch: BatchLimits(messages: 4, bytes: .max),
                isOrderedByKey: true))
        bench.key = { "\($0.rawValue % 2)" }
        bench.store([Bool](repeating: true, count: 12))
        // Both keys are in the first batch, so that there is nothing to begin beside it.
        #expect(bench.attempts == [[1, 2, 3, 4]])
        bench.endBatch(1, .whole(.confirmed))
        #expect(bench.attempts == [[5, 6, 7, 8]] && bench.violations == [])
    }

    private func message(_ content: String) -> RoutedMessage {
        RoutedMessage(
            id: "1", identity: "home", user: "alice", type: nil, received: "", content: [],
            json: try? JSONParser.parse(content))
    }

    @Test func theKeyIsWhatOrderBySays() throws {
        let device = try RouteOrder(parsing: "{json:place.device}")
        #expect(device == .field(["place", "device"]) && device.needsJSON)
        let first = message(#"{"place":{"device":"a"}}"#)
        #expect(device.key(of: first) != device.key(of: message(#"{"place":{"device":"b"}}"#)))
        // Without the field, or with null, all have one key, which is not that of an empty text.
        #expect(device.key(of: message("{}")) == device.key(of: message(#"{"place":{"device":null}}"#)))
        #expect(device.key(of: message("{}")) == device.key(of: message("no JSON")))
        #expect(device.key(of: message("{}")) != device.key(of: message(#"{"place":{"device":""}}"#)))
        #expect(try RouteOrder(parsing: "user").key(of: first) == "alice")
        #expect(try RouteOrder(parsing: "identity").key(of: first) == "home")
    }

    @Test(arguments: ["", "users", "{json:}", "{json:a..b}", "{json:a", "{user}", "{json:a}{json:b}"])
    func anOrderThatIsNone(text: String) {
        #expect(throws: Misspelling.self) { try RouteOrder(parsing: text) }
    }
}
