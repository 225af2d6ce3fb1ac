import MPushInbox
import MPushModel
import NIOCore
import Testing

@testable import MPushDelivery

/// What a follower has had, in any order, and at what cost.
@Suite struct FollowerLedgerTests {
    private func message(_ position: Int64) -> StoredMessage {
        StoredMessage(
            position: MessagePosition(rawValue: position), id: "m", identity: "home", user: "alice",
            received: WallTime(millisecondsSince1970: 0), type: nil, content: ByteBuffer())
    }

    private func positions(_ numbers: some Sequence<Int64>) -> [MessagePosition] {
        numbers.map { MessagePosition(rawValue: $0) }
    }

    private func ledger(handedOut count: Int64) -> FollowerLedger {
        var ledger = FollowerLedger(ConsumerProgress(cursor: .start), newest: MessagePosition(rawValue: count))
        _ = ledger.handOut((1...count).map(message), upTo: .start)
        return ledger
    }

    @Test func theCursorFollowsWhatIsConfirmed() {
        var ledger = ledger(handedOut: 5)
        #expect(ledger.acknowledge(positions([3])) == [.consumed(.init(rawValue: 3)), .settled(.init(rawValue: 3))])
        #expect(ledger.acknowledge(positions([3])) == [] && ledger.unacknowledged == 4)
        #expect(
            ledger.acknowledge(positions([1, 2]))
                == [.consumed(.init(rawValue: 1)), .consumed(.init(rawValue: 2)), .advanced(to: .init(rawValue: 3))])
        #expect(ledger.cursor.rawValue == 3 && ledger.settledAhead.isEmpty)
        #expect(
            ledger.acknowledge(upTo: .init(rawValue: 5), others: [])
                == [.consumed(.init(rawValue: 4)), .consumed(.init(rawValue: 5)), .advanced(to: .init(rawValue: 5))])
        #expect(ledger.unacknowledged == 0)
    }

    /// In any order it comes to the same, and the time for it does not grow with the square: this takes hours where it does.
    @Test(.timeLimit(.minutes(1))) func aLongWindowIsConfirmedInAnyOrder() {
        let count: Int64 = 200_000
        for order in [Array(1...count), Array((1...count).reversed())] {
            var ledger = ledger(handedOut: count)
            for position in order { _ = ledger.acknowledge([MessagePosition(rawValue: position)]) }
            #expect(ledger.cursor.rawValue == count && ledger.settledAhead.isEmpty && ledger.unacknowledged == 0)
        }
    }

    @Test func aSetForgetsWhatTheCursorHasPassed() {
        var few = Set(positions([3, 900, 1000]))
        few.forget(from: .start, to: MessagePosition(rawValue: 900))
        #expect(few == Set(positions([1000])))
        var many = Set(positions(5...5000))
        many.forget(from: MessagePosition(rawValue: 4), to: MessagePosition(rawValue: 6))
        #expect(many == Set(positions(7...5000)))
    }
}
