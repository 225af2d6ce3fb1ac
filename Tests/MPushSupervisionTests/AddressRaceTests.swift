import MPushModel
import MPushSupervision
import Testing

/// The race of a host's addresses (RFC 8305). Addresses of the sixth version begin with a 6.
@Suite struct AddressRaceTests {
    private let start = Instant.zero + .seconds(100)

    private func race(_ addresses: [String]) -> AddressRace<String> {
        AddressRace(addresses) { $0.first == addresses.first?.first }
    }

    private func begin(_ race: inout AddressRace<String>) -> AddressRace<String>.Attempt? { race.started(at: start) }

    private func next(
        _ race: inout AddressRace<String>, after delay: Duration
    ) -> AddressRace<String>.Attempt? { race.deadlineReached(at: start + delay) }

    private func fail(
        _ attempt: AddressRace<String>.Attempt, in race: inout AddressRace<String>, at now: Instant
    ) -> AddressRace<String>.Attempt? { race.failed(attempt.number, at: now) }

    private func succeed(_ attempt: AddressRace<String>.Attempt, in race: inout AddressRace<String>) -> Bool {
        race.succeeded(attempt.number)
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
        #expect(begin(&race)?.address == "6a")
        #expect(race.nextDeadline == start + .milliseconds(250))
        #expect(next(&race, after: .milliseconds(249)) == nil)
        #expect(next(&race, after: .milliseconds(250))?.address == "4a")
        #expect(race.nextDeadline == start + .milliseconds(500))
        #expect(next(&race, after: .milliseconds(600))?.address == "6b")
        #expect(race.nextDeadline == nil)
        #expect(!race.hasFailed)
    }

    @Test func aFailureBeginsTheNextAtOnceAndItsHeadStart() throws {
        var race = race(["6a", "4a", "6b"])
        let first = try #require(begin(&race))
        let later = start + .milliseconds(100)
        #expect(fail(first, in: &race, at: later)?.address == "4a")
        #expect(race.nextDeadline == later + .milliseconds(250))
        #expect(fail(first, in: &race, at: later) == nil)
    }

    @Test func theFirstThatConnectsWinsWhereverItStood() throws {
        var race = race(["6a", "4a", "6b"])
        let first = try #require(begin(&race))
        let second = try #require(next(&race, after: .seconds(1)))
        #expect(succeed(second, in: &race))
        #expect(race.winner == second.number)
        #expect(!succeed(first, in: &race))
        #expect(race.winner == second.number)
        #expect(race.nextDeadline == nil)
        #expect(fail(first, in: &race, at: start + .seconds(2)) == nil)
        #expect(!race.hasFailed)
    }

    @Test func isLostOnlyWhenTheLastUnderWayHasFailed() throws {
        var race = race(["6a", "4a"])
        let first = try #require(begin(&race))
        let second = try #require(next(&race, after: .milliseconds(250)))
        #expect(fail(second, in: &race, at: start + .milliseconds(300)) == nil)
        #expect(!race.hasFailed)
        #expect(fail(first, in: &race, at: start + .milliseconds(300)) == nil)
        #expect(race.hasFailed)
    }

    @Test func noAddressIsALostRace() {
        var race = race([])
        #expect(begin(&race) == nil)
        #expect(race.hasFailed)
        #expect(race.nextDeadline == nil)
    }
}
