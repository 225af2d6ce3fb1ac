import MPushSupervision
import MPushTime
import Testing

/// The race of a host's addresses (RFC 8305). Addresses of the sixth version begin with a 6.
@Suite struct AddressRaceTests {
    private let start = Instant.zero + .seconds(100)

    private func race(_ addresses: [String]) -> AddressRace<String> {
        AddressRace(addresses) { $0.first == addresses.first?.first }
    }

    /// The addresses in the order in which they are tried where each fails at once.
    private func order(_ addresses: [String]) -> [String] {
        var race = race(addresses)
        var order: [String] = []
        var attempt = race.started(at: start)
        while let current = attempt {
            order.append(current.address)
            attempt = race.failed(current.number, at: start)
        }
        #expect(race.hasFailed)
        return order
    }

    @Test func theFamiliesTakeTurnsBeginningWithTheFirst() {
        #expect(order(["6a", "6b", "6c", "4a", "4b"]) == ["6a", "4a", "6b", "4b", "6c"])
        #expect(order(["4a", "6a", "6b", "6c"]) == ["4a", "6a", "6b", "6c"])
        #expect(order(["4a", "4b"]) == ["4a", "4b"])
    }

    @Test func anAddressGetsAHeadStartOf250Milliseconds() {
        var race = race(["6a", "4a", "6b"])
        #expect(race.started(at: start)?.address == "6a")
        #expect(race.nextDeadline == start + .milliseconds(250))
        #expect(race.deadlineReached(at: start + .milliseconds(249)) == nil)
        #expect(race.deadlineReached(at: start + .milliseconds(250))?.address == "4a")
        #expect(race.nextDeadline == start + .milliseconds(500))
        #expect(race.deadlineReached(at: start + .milliseconds(600))?.address == "6b")
        #expect(race.nextDeadline == nil)
        #expect(!race.hasFailed)
    }

    @Test func aFailureBeginsTheNextAtOnceAndItsHeadStart() throws {
        var race = race(["6a", "4a", "6b"])
        let first = try #require(race.started(at: start))
        let later = start + .milliseconds(100)
        #expect(race.failed(first.number, at: later)?.address == "4a")
        #expect(race.nextDeadline == later + .milliseconds(250))
        #expect(race.failed(first.number, at: later) == nil)
    }

    @Test func theFirstThatConnectsWinsWhereverItStood() throws {
        var race = race(["6a", "4a", "6b"])
        let first = try #require(race.started(at: start))
        let second = try #require(race.deadlineReached(at: start + .seconds(1)))
        #expect(race.succeeded(second.number))
        #expect(race.winner == second.number)
        #expect(!race.succeeded(first.number))
        #expect(race.winner == second.number)
        #expect(race.nextDeadline == nil)
        #expect(race.failed(first.number, at: start + .seconds(2)) == nil)
        #expect(!race.hasFailed)
    }

    @Test func isLostOnlyWhenTheLastUnderWayHasFailed() throws {
        var race = race(["6a", "4a"])
        let first = try #require(race.started(at: start))
        let second = try #require(race.deadlineReached(at: start + .milliseconds(250)))
        #expect(race.failed(second.number, at: start + .milliseconds(300)) == nil)
        #expect(!race.hasFailed)
        #expect(race.failed(first.number, at: start + .milliseconds(300)) == nil)
        #expect(race.hasFailed)
    }

    @Test func noAddressIsALostRace() {
        var race = race([])
        #expect(race.started(at: start) == nil)
        #expect(race.hasFailed)
        #expect(race.nextDeadline == nil)
    }
}
