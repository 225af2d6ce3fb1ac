import MPushModel
import MPushSupervision
import Testing

/// Since when nobody is bound.
@Suite struct OutageWatchTests {
    private let start = Instant(sinceBoot: .zero)
    private let wall = WallTime(millisecondsSince1970: 1_000_000)

    private func watch(
        _ changes: [(state: ConnectionState, second: Int64, attempts: UInt64)], isWished: Bool = true
    ) -> OutageWatch {
        var watch = OutageWatch(at: start, wall: wall)
        for change in changes {
            watch.stateChanged(
                to: change.state, isWished: isWished, attempts: change.attempts, at: start + .seconds(change.second),
                wall: WallTime(millisecondsSince1970: 1_000_000 + change.second * 1000))
        }
        return watch
    }

    @Test func theStartCountsUntilSomebodyIsBound() {
        let before = watch([(.connecting, 1, 0), (.waiting, 2, 1)])
        #expect(before.outage?.since == wall && before.outage?.began == start)
        #expect(before.outage?.attempts(of: 1) == 1)
        #expect(watch([(.connecting, 1, 0), (.online, 2, 1)]).outage == nil)
    }

    @Test func anOutageBeginsAtTheLossAndOutlastsItsAttempts() {
        let lost = watch([
            (.online, 1, 1), (.waiting, 60, 1), (.connecting, 61, 1), (.waiting, 62, 2), (.binding, 70, 3),
        ])
        #expect(lost.outage?.began == start + .seconds(60))
        #expect(lost.outage?.since == WallTime(millisecondsSince1970: 1_060_000))
        #expect(lost.outage?.attempts(of: 3) == 2)
    }

    @Test(arguments: [ConnectionState.online, .suspect, .paused, .unbound])
    func itEndsWhereNobodyIsMissed(state: ConnectionState) {
        #expect(watch([(.online, 1, 1), (.waiting, 60, 1), (state, 70, 2)]).outage == nil)
    }

    /// After an unbind the connection may be lost as well: nobody misses it.
    @Test func whereNobodyIsWishedThereIsNoOutage() {
        #expect(watch([(.unbound, 1, 1), (.waiting, 60, 1), (.connecting, 70, 2)], isWished: false).outage == nil)
    }

    @Test func aMissedReadIsNoOutage() {
        #expect(watch([(.online, 1, 1), (.suspect, 60, 1), (.online, 61, 1)]).outage == nil)
    }
}
