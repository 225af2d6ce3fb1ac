import MPushModel
import Testing

@testable import MPushLocalAPI

/// Nobody's connections lock out somebody of higher standing, and no user's all others.
@Suite struct PlacesTests {
    /// Takes places until none is given, and says how many were.
    private func fill(_ places: inout Places, _ standing: Standing, users: [UInt32?]) -> Int {
        var count = 0
        for user in users { while places.take(standing, user: user) == nil { count += 1 } }
        return count
    }

    @Test func eachLeavesPlacesToThoseAbove() {
        let many = (1000..<1100).map { UInt32?.some($0) }
        var places = Places(64)
        #expect(fill(&places, .visitor, users: many) == 48)
        #expect(places.take(.visitor, user: 7) == .allTaken(48))
        #expect(fill(&places, .member, users: many) == 16)
        #expect(places.take(.member, user: 7) == .allTaken(64))
        #expect(fill(&places, .ownUser, users: [61184]) == 8)
        #expect(fill(&places, .root, users: [0]) == 8)
        #expect(places.take(.root, user: 0) == .allTaken(80))
    }

    @Test func oneUserLeavesPlacesToOthers() {
        var places = Places(64)
        #expect(fill(&places, .visitor, users: [1000]) == 32)
        #expect(places.take(.visitor, user: 1000) == .userHasTooMany(32))
        #expect(places.take(.visitor, user: 1001) == nil)
        #expect(fill(&places, .member, users: [1002]) == 31)
        var others = Places(64)
        #expect(fill(&others, .member, users: [1002]) == 48)
        #expect(others.take(.member, user: 1002) == .userHasTooMany(48))
        #expect(others.take(.member, user: 1003) == nil)
        // Those who are hidden cannot be told from each other.
        var hidden = Places(64)
        #expect(fill(&hidden, .visitor, users: [nil]) == 32)
    }

    @Test func aloneTheDaemonsUserAndRootHaveAsManyAsBefore() {
        for standing in [Standing.ownUser, .root] {
            var places = Places(64)
            #expect(fill(&places, standing, users: [1]) >= 64)
        }
    }

    @Test func whatIsGivenBackIsFree() {
        var places = Places(64)
        let empty = places
        _ = fill(&places, .visitor, users: [1, 2])
        for user in [UInt32](repeating: 1, count: 32) + [UInt32](repeating: 2, count: 16) {
            places.giveBack(.visitor, user: user)
        }
        #expect(fill(&places, .visitor, users: [1, 2]) == 48)
        #expect(empty != places)
    }

    @Test func theSmallestHasAPlaceForEach() {
        var places = Places(1)
        #expect(places.take(.visitor, user: 1) == nil)
        #expect(places.take(.visitor, user: 2) != nil)
        #expect(places.take(.ownUser, user: 3) == nil)
        #expect(places.take(.root, user: 0) == nil)
    }

    @Test func whatAnybodyCanBringAboutIsSaidOnceAMinute() {
        var voice = SparingVoice()
        let start = Instant.zero
        #expect(voice.speaks(of: 1, at: start) == 0)
        #expect(voice.speaks(of: 1, at: start + .seconds(59)) == nil)
        #expect(voice.speaks(of: 2, at: start + .seconds(59)) == 0)
        #expect(voice.speaks(of: 1, at: start + .seconds(60)) == 1)
        #expect(voice.speaks(of: 1, at: start + .seconds(121)) == 0)
        // Nor do a hundred users fill the journal.
        let later = start + .seconds(1000)
        #expect((0..<100).filter { voice.speaks(of: $0, at: later) != nil }.count == 32)
        #expect(voice.speaks(of: nil, at: later + .seconds(60)) == 0)
    }
}
