import MPushModel
import Testing

@testable import MPushLocalAPI

/// Nobody's connections lock out somebody of higher standing, and no user's all others.
@Suite struct ConnectionQuotaTests {
    /// Takes places until none is given, and says how many were.
    private func fill(_ quota: inout ConnectionQuota, _ standing: Standing, users: [UInt32?]) -> Int {
        var count = 0
        for user in users { while quota.admit(standing, user: user) == nil { count += 1 } }
        return count
    }

    @Test func eachLeavesPlacesToThoseAbove() {
        let many = (1000..<1100).map { UInt32?.some($0) }
        var quota = ConnectionQuota(64)
        #expect(fill(&quota, .visitor, users: many) == 48)
        #expect(quota.admit(.visitor, user: 7) == .allTaken(48))
        #expect(fill(&quota, .member, users: many) == 16)
        #expect(quota.admit(.member, user: 7) == .allTaken(64))
        #expect(fill(&quota, .ownUser, users: [61184]) == 8)
        #expect(fill(&quota, .root, users: [0]) == 8)
        #expect(quota.admit(.root, user: 0) == .allTaken(80))
    }

    @Test func oneUserLeavesPlacesToOthers() {
        var quota = ConnectionQuota(64)
        #expect(fill(&quota, .visitor, users: [1000]) == 32)
        #expect(quota.admit(.visitor, user: 1000) == .userHasTooMany(32))
        #expect(quota.admit(.visitor, user: 1001) == nil)
        #expect(fill(&quota, .member, users: [1002]) == 31)
        var others = ConnectionQuota(64)
        #expect(fill(&others, .member, users: [1002]) == 48)
        #expect(others.admit(.member, user: 1002) == .userHasTooMany(48))
        #expect(others.admit(.member, user: 1003) == nil)
        // Those who are hidden cannot be told from each other.
        var hidden = ConnectionQuota(64)
        #expect(fill(&hidden, .visitor, users: [nil]) == 32)
    }

    @Test func aloneTheDaemonsUserAndRootHaveAsManyAsBefore() {
        for standing in [Standing.ownUser, .root] {
            var quota = ConnectionQuota(64)
            #expect(fill(&quota, standing, users: [1]) >= 64)
        }
    }

    @Test func whatIsGivenBackIsFree() {
        var quota = ConnectionQuota(64)
        let empty = quota
        _ = fill(&quota, .visitor, users: [1, 2])
        for user in [UInt32](repeating: 1, count: 32) + [UInt32](repeating: 2, count: 16) {
            quota.release(.visitor, user: user)
        }
        #expect(fill(&quota, .visitor, users: [1, 2]) == 48)
        #expect(empty != quota)
    }

    @Test func theSmallestHasAPlaceForEach() {
        var quota = ConnectionQuota(1)
        #expect(quota.admit(.visitor, user: 1) == nil)
        #expect(quota.admit(.visitor, user: 2) != nil)
        #expect(quota.admit(.ownUser, user: 3) == nil)
        #expect(quota.admit(.root, user: 0) == nil)
    }

    @Test func whatAnybodyCanBringAboutIsSaidOnceAMinute() {
        var limiter = ReportLimiter()
        let start = Instant.zero
        #expect(limiter.admit(1, at: start) == 0)
        #expect(limiter.admit(1, at: start + .seconds(59)) == nil)
        #expect(limiter.admit(2, at: start + .seconds(59)) == 0)
        #expect(limiter.admit(1, at: start + .seconds(60)) == 1)
        #expect(limiter.admit(1, at: start + .seconds(121)) == 0)
        // Nor do a hundred users fill the journal.
        let later = start + .seconds(1000)
        #expect((0..<100).filter { limiter.admit($0, at: later) != nil }.count == 32)
        #expect(limiter.admit(nil, at: later + .seconds(60)) == 0)
    }
}
