import MPushModel
import MPushSession
import Testing

@Suite struct HealthCheckTests {
    private static let hour = Duration.seconds(3600)

    private func check(
        _ interval: Duration = .seconds(180), confirmation: Duration? = .seconds(10)
    ) -> HealthCheck {
        HealthCheck(asked: interval, settings: HealthSettings(confirmation: confirmation), at: .zero)
    }

    private func seconds(_ seconds: Int) -> Instant { .zero + .seconds(seconds) }

    @Test func aHeartbeatThatTheKernelDoesNotTakeIsAskedForOnce() throws {
        var check = check()
        #expect(check.deadlineReached(at: seconds(179)) == [.beat])
        _ = check.bytesRead(at: seconds(180))
        #expect(check.nextDeadline == .zero + .milliseconds(180_000 + 181_001))
        #expect(check.deadlineReached(at: seconds(200)) == [])
        check.bytesWritten(at: seconds(210))
        #expect(check.nextDeadline == .zero + .milliseconds(361_001))
    }

    @Test func anEarlyCallDoesNothing() {
        var check = check()
        let before = check
        #expect(check.deadlineReached(at: seconds(100)) == [])
        #expect(check == before)
    }

    @Test func asksOnceAfterALongSleepAndClosesWhenNobodyAnswers() {
        var check = check()
        let awake = Instant.zero + Self.hour * 8
        #expect(check.deadlineReached(at: awake) == [.missed(silence: Self.hour * 8), .beat])
        check.bytesWritten(at: awake)
        #expect(check.nextDeadline == awake + .seconds(10))
        let dead = check.deadlineReached(at: awake + .seconds(10))
        #expect(dead == [.dead(missedReads: 2, silence: Self.hour * 8 + .seconds(10))])
    }

    @Test func goesOnAfterALongSleepWhenThePeerAnswers() {
        var check = check()
        let awake = Instant.zero + Self.hour * 8
        _ = check.deadlineReached(at: awake)
        check.bytesWritten(at: awake)
        #expect(check.missedReads == 1)
        let isRecovered = check.bytesRead(at: awake + .seconds(9))
        #expect(isRecovered)
        #expect(check.missedReads == 0)
        #expect(check.deadlineReached(at: awake + .seconds(10)) == [])
        #expect(check.nextDeadline == awake + .seconds(179))
    }

    @Test func aLongSleepIsOneMissedReadWithoutAConfirmation() {
        var check = check(confirmation: nil)
        let awake = Instant.zero + Self.hour * 8
        #expect(check.deadlineReached(at: awake) == [.missed(silence: Self.hour * 8), .beat])
        check.bytesWritten(at: awake)
        #expect(check.nextDeadline == awake + .seconds(179))
        let dead = check.deadlineReached(at: awake + .seconds(179))
        #expect(dead == [.dead(missedReads: 2, silence: Self.hour * 8 + .seconds(179))])
    }

    @Test(arguments: [nil, .seconds(10)] as [Duration?])
    func silenceIsOursWhileReadingIsPaused(confirmation: Duration?) {
        var check = check(confirmation: confirmation)
        check.readingPaused()
        var now = Instant.zero
        while let next = check.nextDeadline, next <= .zero + Self.hour {
            #expect(next > now)
            now = next
            #expect(check.deadlineReached(at: now) == [.beat])
            check.bytesWritten(at: now)
        }
        #expect(now == seconds(179 * 20))
        check.readingResumed(at: .zero + Self.hour)
        #expect(check.deadlineReached(at: .zero + Self.hour + .seconds(181)).allSatisfy { $0 == .beat })
    }

    @Test func pausingTakesBackAMissedRead() {
        var check = check()
        #expect(check.deadlineReached(at: seconds(182)).first == .missed(silence: .seconds(182)))
        check.readingPaused()
        #expect(check.missedReads == 0)
        check.bytesWritten(at: seconds(182))
        #expect(check.deadlineReached(at: seconds(300)) == [])
        check.readingResumed(at: seconds(300))
        check.bytesWritten(at: seconds(300))
        #expect(check.nextDeadline == seconds(479))
    }

    /// Whatever the server asks for, and whether or not heartbeats get away: the next call is always later, and there
    /// are at most two a second.
    @Test(arguments: [-1, 0, 1, 2, 3, 180, 86_400, 172_800, 2_147_483] as [Int])
    func isNeverABusyLoop(asked: Int) {
        for confirmation in [nil, .zero, .seconds(10)] as [Duration?] {
            for isWritable in [true, false] {
                var check = check(.seconds(asked), confirmation: confirmation)
                var now = Instant.zero
                var calls = 0
                while let next = check.nextDeadline, next <= seconds(1000) {
                    #expect(next > now)
                    now = next
                    calls += 1
                    let verdicts = check.deadlineReached(at: now)
                    if case .dead? = verdicts.last { break }
                    if verdicts.contains(.beat), isWritable { check.bytesWritten(at: now) }
                }
                #expect(calls <= 2000)
            }
        }
    }
}
