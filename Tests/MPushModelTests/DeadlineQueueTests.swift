import MPushModel
import Testing

@Suite struct DeadlineQueueTests {
    private func at(_ seconds: Int) -> Instant { .zero + .seconds(seconds) }

    @Test func yieldsOwnersInTheOrderOfTheirDeadlines() {
        var queue = DeadlineQueue<Int>()
        for owner in [5, 1, 4, 2, 3] { queue.set(at(owner), for: owner) }
        #expect(queue.earliest == at(1))
        var popped: [Int] = []
        while let owner = queue.popDue(at: at(4)) { popped.append(owner) }
        #expect(popped == [1, 2, 3, 4])
        #expect(queue.earliest == at(5))
    }

    @Test func aDeadlineSetAnewReplacesTheOldOne() {
        var queue = DeadlineQueue<String>()
        queue.set(at(1), for: "a")
        queue.set(at(9), for: "a")
        #expect(queue.earliest == at(9))
        #expect(queue.popDue(at: at(8)) == nil)
        #expect(queue.popDue(at: at(9)) == "a")
        #expect(queue.earliest == nil)
        #expect(queue.count == 0)
    }

    @Test func aDeadlineTakenBackNeverFires() {
        var queue = DeadlineQueue<Int>()
        queue.set(at(1), for: 1)
        queue.set(nil, for: 1)
        queue.set(nil, for: 2)
        #expect(queue.earliest == nil)
        #expect(queue.popDue(at: at(100)) == nil)
    }

    @Test func agreesWithAPlainTableOverManyRandomSteps() {
        var generator = SplitMix64(seed: 7)
        var queue = DeadlineQueue<Int>()
        var table: [Int: Int] = [:]
        var now = 0
        for _ in 0..<20_000 {
            let owner = Int.random(in: 0..<50, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0, 1:
                let due = now + Int.random(in: 0..<100, using: &generator)
                queue.set(at(due), for: owner)
                table[owner] = due
            case 2:
                queue.set(nil, for: owner)
                table[owner] = nil
            default:
                now += Int.random(in: 0..<5, using: &generator)
                while let due = queue.popDue(at: at(now)) {
                    let expected = table.removeValue(forKey: due)
                    #expect(expected.map { $0 <= now } == true)
                }
                #expect(table.values.allSatisfy { $0 > now })
            }
            #expect(queue.count == table.count)
            #expect(queue.earliest == table.values.min().map(at))
        }
    }
}
