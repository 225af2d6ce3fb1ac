import MPushModel
import MPushSupervision
import Testing

/// Since when nobody is bound.
@Suite struct OutageWatchTests {
    private let start = Instant(sinceBoot: .zero)
    private let wall = WallTime(millisecondsSince1970: 1_000_000)

    private func watch(
        _ changes: [(state: ConnectionState, second: Int64, failed: Int)], isWished: Bool = true
    ) -> OutageWatch {
        var watch = OutageWatch(at: start, wall: wall)
        for change in changes {
            watch.attemptsFailed(change.failed)
            watch.stateChanged(
                to: change.state, isWished: isWished, failed: change.failed, at: start + .seconds(change.second),
                wall: WallTime(millisecondsSince1970: 1_000_000 + change.second * 1000))
        }
        return watch
    }

    @Test func theStartCountsUntilSomebodyIsBound() {
        let before = watch([(.connecting, 1, 0), (.waiting, 2, 1)])
        #expect(before.outage?.since == wall && before.outage?.began == start)
        #expect(before.outage?.attempts == 1)
        #expect(watch([(.connecting, 1, 0), (.online, 2, 1)]).outage == nil)
    }

    @Test func anOutageBeginsAtTheLossAndOutlastsItsAttempts() {
        let lost = watch([
            (.online, 1, 0), (.waiting, 60, 0), (.connecting, 61, 0), (.waiting, 62, 2), (.binding, 70, 2),
        ])
        #expect(lost.outage?.began == start + .seconds(60))
        #expect(lost.outage?.since == WallTime(millisecondsSince1970: 1_060_000))
        #expect(lost.outage?.attempts == 2)
    }

    @Test(arguments: [ConnectionState.online, .suspect, .paused, .unbound])
    func itEndsWhereNobodyIsMissed(state: ConnectionState) {
        #expect(watch([(.online, 1, 1), (.waiting, 60, 1), (state, 70, 2)]).outage == nil)
    }

    /// Those that failed while nobody was missed are not its own.
    @Test func onlyAttemptsOfItsOwnCount() {
        let resumed = watch([(.waiting, 1, 5), (.paused, 60, 5), (.connecting, 70, 5), (.waiting, 71, 6)])
        #expect(resumed.outage?.attempts == 1)
    }

    /// The attempts are forgotten once a connection is open, before the user is bound on it.
    @Test func theEndIsToldOnceWithLengthAndAttempts() {
        var watch = watch([(.online, 1, 0), (.waiting, 60, 0), (.waiting, 62, 118), (.securing, 70, 118)])
        watch.attemptsFailed(0)
        watch.stateChanged(to: .online, isWished: true, failed: 0, at: start + .seconds(3660), wall: wall)
        let end = watch.takeEnd(cause: .kicked)
        #expect(end?.length == .seconds(3600) && end?.attempts == 118 && end?.cause == .kicked)
        #expect(watch.takeEnd(cause: nil) == nil)
    }

    /// After an unbind the connection may be lost as well: nobody misses it.
    @Test func whereNobodyIsWishedThereIsNoOutage() {
        #expect(watch([(.unbound, 1, 1), (.waiting, 60, 1), (.connecting, 70, 2)], isWished: false).outage == nil)
    }

    @Test func aMissedReadIsNoOutage() {
        #expect(watch([(.online, 1, 1), (.suspect, 60, 1), (.online, 61, 1)]).outage == nil)
    }
}
