import MPushModel
import MPushSupervision
import MPushTestSupport
import Testing

@testable import MPushDaemon
@testable import MPushIdentity

@Suite struct FleetSummaryTests {
    private let clock = SettableClock()

    private func status(_ number: Int, isOnline: Bool) -> IdentityStatus {
        let (state, heartbeat): (ConnectionState, Duration?) = isOnline ? (.online, .seconds(180)) : (.waiting, nil)
        return IdentityStatus(
            name: "i\(number)", user: "u", state: state, endpoint: nil, heartbeat: heartbeat, lastLoss: nil,
            nextAttempt: nil, outage: isOnline ? nil : OutageWatch(at: clock.now, wall: clock.wall).outage)
    }

    /// What one identity of ten thousand changes costs one step, and the line is the same as made anew of all.
    @Test func aChangeCostsOneStepHoweverManyThereAre() {
        let count = 10_000
        var states = Array(repeating: false, count: count)
        var summary = FleetSummary(states.indices.map { status($0, isOnline: false) })
        var number = 7
        for round in 1...count {
            number = (number * 31 + 17) % count
            states[number].toggle()
            summary.update(number, status(number, isOnline: states[number]))
            #expect(summary.steps == round)
            guard round % 500 == 0 else { continue }
            let anew = FleetSummary(states.indices.map { status($0, isOnline: states[$0]) })
            #expect(summary.online == anew.online && summary.isSettled == anew.isSettled)
            #expect(StatusLine.text(for: summary, by: clock) == StatusLine.text(for: anew, by: clock))
            #expect(
                summary.firstOffline(3).map(\.name) == states.indices.filter { !states[$0] }.prefix(3).map { "i\($0)" })
        }
    }

    @Test func theLastOfManyIsFoundWithoutTheOthers() {
        var summary = FleetSummary((0..<10_000).map { status($0, isOnline: $0 != 9_999) })
        #expect(summary.firstOffline(3).map(\.name) == ["i9999"])
        #expect(!summary.isSettled)
        summary.update(9_999, status(9_999, isOnline: true))
        #expect(summary.firstOffline(3).isEmpty && summary.isSettled && summary.online == 10_000)
        // There is no such identity: nothing happens.
        summary.update(10_000, status(0, isOnline: false))
        #expect(summary.online == 10_000)
    }
}
