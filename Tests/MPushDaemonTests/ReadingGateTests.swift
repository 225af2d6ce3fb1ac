import Testing

@testable import MPushDaemon
@testable import MPushIdentity

/// When connections are not read any further, and that none is forgotten.
@Suite struct ReadingGateTests {
    private final class Reader {
        let budget: IntakeBudget
        private(set) var opened = 0
        private(set) lazy var gate = ReadingGate(budget) { [unowned self] in opened += 1 }

        init(_ budget: IntakeBudget) {
            self.budget = budget
        }

        func receive(_ messages: Int, bytes: Int = 0) -> Bool {
            budget.take(messages: messages, bytes: bytes)
            return gate.received(messages: messages, bytes: bytes)
        }

        func confirm(_ messages: Int, bytes: Int = 0) {
            budget.giveBack(messages: messages, bytes: bytes)
            gate.confirmed(messages: messages, bytes: bytes)
        }
    }

    @Test func stopsAtItsBoundAndGoesOnAtHalfOfIt() {
        let reader = Reader(IntakeBudget())
        #expect(!reader.receive(4095))
        #expect(reader.receive(1))
        #expect(!reader.receive(10))
        reader.confirm(2057)
        #expect(reader.opened == 0)
        reader.confirm(1)
        #expect(reader.opened == 1 && !reader.gate.isClosed)
        #expect(reader.receive(1, bytes: 4 << 20))
    }

    @Test func stopsWhenAllTogetherHaveTooMuch() {
        let budget = IntakeBudget()
        budget.take(messages: 40_000, bytes: 0)
        let reader = Reader(budget)
        #expect(reader.receive(1))
        budget.giveBack(messages: 30_000, bytes: 0)
        #expect(reader.opened == 1)
    }

    /// It stopped for itself, and the others spent the budget before its own messages were confirmed.
    @Test func isNotForgottenWhenOthersSpendTheBudgetMeanwhile() {
        let budget = IntakeBudget()
        let reader = Reader(budget)
        #expect(reader.receive(4096))
        budget.take(messages: 40_000, bytes: 0)
        reader.confirm(4096)
        #expect(reader.opened == 0 && reader.gate.isClosed)
        budget.giveBack(messages: 40_000, bytes: 0)
        #expect(reader.opened == 1)
    }

    /// The budget is free while it still has too much of its own, and is spent again before its last is confirmed.
    @Test func isNotForgottenWhenTheBudgetIsSpentAgain() {
        let budget = IntakeBudget()
        let reader = Reader(budget)
        budget.take(messages: 40_000, bytes: 0)
        #expect(reader.receive(4096))
        budget.giveBack(messages: 40_000, bytes: 0)
        #expect(reader.opened == 0)
        budget.take(messages: 40_000, bytes: 0)
        reader.confirm(4096)
        #expect(reader.opened == 0)
        budget.giveBack(messages: 40_000, bytes: 0)
        #expect(reader.opened == 1)
    }
}
