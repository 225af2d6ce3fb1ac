import MPushModel
import MPushSupervision
import Testing

/// The race of a host's addresses (RFC 8305). Addresses of the sixth version begin with a 6.
@Suite struct AddressRaceTests {
    private let start = Instant.zero + .seconds(100)

    private func begin(
        _ race: inout AddressRace<String>, _ addresses: [String], suspects: Set<String> = [], at now: Instant? = nil
    ) -> AddressRace<String>.Attempt? {
        race.found(
            addresses, family: { $0.first == "6" ? .v6 : .v4 }, isSuspect: suspects.contains, at: now ?? start)
    }

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
    private func order(_ addresses: [String], suspects: Set<String> = []) -> [String] {
        var race = AddressRace<String>()
        var order: [String] = []
        var attempt = begin(&race, addresses, suspects: suspects)
        while let current = attempt {
            order.append(current.address)
            attempt = race.failed(current.number, at: start)
        }
        #expect(race.isExhausted)
        return order
    }

    @Test func theFamiliesTakeTurnsBeginningWithTheSixth() {
        #expect(order(["6a", "6b", "6c", "4a", "4b"]) == ["6a", "4a", "6b", "4b", "6c"])
        #expect(order(["4a", "6a", "6b", "6c"]) == ["6a", "4a", "6b", "6c"])
        #expect(order(["4a", "4b", "4a"]) == ["4a", "4b"])
    }

    @Test func whatFailedLastComesLast() {
        #expect(order(["6a", "6b", "4a", "4b"], suspects: ["6a", "4a"]) == ["6b", "4b", "6a", "4a"])
        #expect(order(["6a", "4a"], suspects: ["6a", "4a"]) == ["6a", "4a"])
    }

    @Test func addressesThatComeLaterAreRacedToo() throws {
        var race = AddressRace<String>()
        let first = try #require(begin(&race, ["6a", "6b"]))
        #expect(begin(&race, ["4a", "6a"], at: start + .milliseconds(10)) == nil)
        #expect(next(&race, after: .milliseconds(250))?.address == "4a")
        #expect(fail(first, in: &race, at: start + .milliseconds(300))?.address == "6b")
        // All that was known is under way, and its pause is over: what comes now begins at once.
        #expect(begin(&race, ["4b"], at: start + .milliseconds(600))?.address == "4b")
    }

    @Test func aRaceThatHasLostGoesOnWithWhatComes() throws {
        var race = AddressRace<String>()
        let first = try #require(begin(&race, ["6a"]))
        #expect(fail(first, in: &race, at: start) == nil)
        #expect(race.isExhausted)
        #expect(begin(&race, ["4a"], at: start + .milliseconds(5))?.address == "4a")
        #expect(!race.isExhausted)
    }

    /// A name of 60 addresses, none of which answers: few sockets, and the 32nd has its turn before ten seconds are over.
    @Test func attemptsUnderWayAreBounded() {
        var race = AddressRace<String>()
        var underWay: Set<Int> = []
        var most = 0
        var attempt = begin(&race, (0..<60).map { "4.\($0)" })
        var time = Duration.zero
        var count = 0
        while let current = attempt {
            count += 1
            if let replaced = current.replaced { underWay.remove(replaced) }
            underWay.insert(current.number)
            most = max(most, underWay.count)
            guard race.nextDeadline != nil else { break }
            time += .milliseconds(250)
            attempt = next(&race, after: time)
        }
        #expect(count == AddressRace<String>.mostAddresses && most == AddressRace<String>.mostUnderWay)
        #expect(time < .seconds(10))
    }

    @Test func whatHadAHeadStartAndLostIsSaid() throws {
        var race = AddressRace<String>()
        _ = begin(&race, ["6a", "4a", "6b"])
        let second = try #require(next(&race, after: .milliseconds(250)))
        _ = next(&race, after: .milliseconds(500))
        #expect(succeed(second, in: &race))
        #expect(race.overtaken == ["6a"])
    }

    @Test func aFailureIsRememberedForTenMinutesOrUntilASuccess() {
        var memory = AddressMemory<String>()
        memory.failed("4a", at: start)
        memory.failed("4b", at: start)
        memory.succeeded("4b")
        #expect(memory.isSuspect("4a", at: start + .seconds(599)))
        #expect(!memory.isSuspect("4a", at: start + .seconds(600)))
        #expect(!memory.isSuspect("4b", at: start) && !memory.isSuspect("4c", at: start))
        for number in 0..<10_000 { memory.failed("6.\(number)", at: start + .milliseconds(number)) }
        let kept = (0..<10_000).count { memory.isSuspect("6.\($0)", at: start + .seconds(10)) }
        #expect(kept <= AddressMemory<String>.mostAddresses && memory.isSuspect("6.9999", at: start + .seconds(10)))
    }

    @Test func anAddressGetsAHeadStartOf250Milliseconds() {
        var race = AddressRace<String>()
        #expect(begin(&race, ["6a", "4a", "6b"])?.address == "6a")
        #expect(race.nextDeadline == start + .milliseconds(250))
        #expect(next(&race, after: .milliseconds(249)) == nil)
        #expect(next(&race, after: .milliseconds(250))?.address == "4a")
        #expect(race.nextDeadline == start + .milliseconds(500))
        #expect(next(&race, after: .milliseconds(600))?.address == "6b")
        #expect(race.nextDeadline == nil)
        #expect(!race.isExhausted)
    }

    @Test func aFailureBeginsTheNextAtOnceAndItsHeadStart() throws {
        var race = AddressRace<String>()
        let first = try #require(begin(&race, ["6a", "4a", "6b"]))
        let later = start + .milliseconds(100)
        #expect(fail(first, in: &race, at: later)?.address == "4a")
        #expect(race.nextDeadline == later + .milliseconds(250))
        #expect(fail(first, in: &race, at: later) == nil)
    }

    @Test func theFirstThatConnectsWinsWhereverItStood() throws {
        var race = AddressRace<String>()
        let first = try #require(begin(&race, ["6a", "4a", "6b"]))
        let second = try #require(next(&race, after: .seconds(1)))
        #expect(succeed(second, in: &race))
        #expect(race.winner == second.number)
        #expect(!succeed(first, in: &race))
        #expect(race.winner == second.number)
        #expect(race.nextDeadline == nil)
        #expect(fail(first, in: &race, at: start + .seconds(2)) == nil)
        #expect(!race.isExhausted)
    }

    @Test func isLostOnlyWhenTheLastUnderWayHasFailed() throws {
        var race = AddressRace<String>()
        let first = try #require(begin(&race, ["6a", "4a"]))
        let second = try #require(next(&race, after: .milliseconds(250)))
        #expect(fail(second, in: &race, at: start + .milliseconds(300)) == nil)
        #expect(!race.isExhausted)
        #expect(fail(first, in: &race, at: start + .milliseconds(300)) == nil)
        #expect(race.isExhausted)
    }

    @Test func noAddressIsALostRace() {
        var race = AddressRace<String>()
        #expect(begin(&race, []) == nil)
        #expect(race.isExhausted)
        #expect(race.nextDeadline == nil)
    }
}
