import MPushModel
import MPushSimulator
import MPushWire
import Testing

/// The course of a demo: scenes, the time limit, stops, and what must never happen.
@Suite struct DemoDirectorTests {
    private static let start = DemoAct(
        "start", [.startDaemon], occasion: "after its start",
        expecting: [DemoExpectation("bind", [.secured(isResumed: false), .bound(user: "alice")])])
    private static let drop = DemoAct(
        "drop", [.inject(.close)], occasion: "after the drop",
        expecting: [DemoExpectation("end", [.closed(.fault)]), DemoExpectation("word of it", [.log(["lost"])])])

    private static func rehearsal(limit: Duration? = .seconds(1)) -> DemoRehearsal {
        DemoRehearsal(limit: limit, acts: { $0 == 1 ? [start, drop] : [drop] })
    }

    /// One that waits for what comes of the start, of which nothing has come.
    private static func waiting(limit: Duration? = nil) -> DemoRehearsal {
        var rehearsal = DemoRehearsal(limit: limit, acts: { _ in [start] }, omits: { _ in true })
        rehearsal.run(steps: 1)
        return rehearsal
    }

    @Test func announcesThenActsThenWaits() {
        let rehearsal = Self.waiting()
        #expect(rehearsal.actions == [.announce("start"), .perform(.startDaemon)])
        #expect(rehearsal.director.nextDeadline == Instant.zero + DemoDirector.announcement + .seconds(10))
    }

    @Test func aLimitShorterThanASceneStillShowsOne() {
        var rehearsal = Self.rehearsal(limit: .zero)
        rehearsal.run()
        #expect(rehearsal.director.result.scenes == 1)
        #expect(rehearsal.director.exitStatus == 0)
    }

    @Test func scenesFollowEachOtherUntilTheTimeIsOver() {
        var rehearsal = Self.rehearsal(limit: .seconds(10))
        rehearsal.run()
        #expect(rehearsal.director.result.scenes > 5)
        #expect(rehearsal.now >= Instant.zero + .seconds(10))
        #expect(rehearsal.now < Instant.zero + .seconds(10) + .milliseconds(50))
        #expect(rehearsal.director.exitStatus == 0)
    }

    @Test func withoutALimitItGoesOn() {
        var rehearsal = Self.rehearsal(limit: nil)
        rehearsal.run(steps: 500)
        #expect(!rehearsal.isFinished)
        rehearsal.tell { $0.stopRequested(at: $1) }
        rehearsal.tell { $0.daemonEnded(.status(0), at: $1) }
        #expect(rehearsal.isFinished)
        #expect(rehearsal.director.exitStatus == 0)
    }

    @Test func theServersEventsMustBeOfOneConnection() {
        var rehearsal = Self.waiting()
        rehearsal.see(.event(.secured(version: "TLS 1.3", isResumed: false), on: 1))
        rehearsal.see(.event(.bound(user: "alice", tags: ""), on: 2))
        #expect(rehearsal.director.result.passed == 0)
        rehearsal.see(.event(.secured(version: "TLS 1.3", isResumed: false), on: 3))
        rehearsal.see(.event(.bound(user: "alice", tags: ""), on: 1))
        #expect(rehearsal.director.result.passed == 0)
        rehearsal.see(.event(.bound(user: "alice", tags: ""), on: 3))
        #expect(rehearsal.director.result.passed == 1)
    }

    @Test func whatComesInTheWrongOrderDoesNotCount() {
        var rehearsal = Self.waiting()
        rehearsal.see(.event(.bound(user: "alice", tags: "")))
        rehearsal.see(.event(.secured(version: "TLS 1.3", isResumed: false)))
        rehearsal.step()
        #expect(rehearsal.complaints == ["no bind within 10 s after its start"])
    }

    @Test(arguments: [
        (DemoObservation.event(.closed(.byClient)), "unexpected: the connection was closed (by the client)"),
        (.event(.ackTimedOut(number: 7)), "unexpected: no ACK for push 7"),
        (.event(.refused(.bind, reason: "no")), "unexpected: BIND was refused (no)"),
        (.log("warning", "all is odd"), "unexpected: mpushd says: all is odd"),
        (.log("error", "all is lost"), "unexpected: mpushd says: all is lost"),
        (.log(DemoLogLine("Fatal error: oh")), "unexpected: mpushd says: Fatal error: oh"),
    ])
    func whatMustNeverHappenIsAFailure(observation: DemoObservation, complaint: String) {
        var rehearsal = Self.waiting()
        rehearsal.see(observation)
        #expect(rehearsal.complaints == [complaint])
        #expect(rehearsal.director.exitStatus == 1)
    }

    @Test func whatAnActIsAboutIsNoFailure() {
        var rehearsal = Self.rehearsal()
        rehearsal.run()
        #expect(rehearsal.complaints == [])
    }

    @Test func noticesAreNoFailure() {
        var rehearsal = Self.waiting()
        rehearsal.see(.log("notice", "a read was missed"))
        rehearsal.see(.message("{}"))
        rehearsal.see(.event(.fault(.close)))
        #expect(rehearsal.complaints == [])
    }

    @Test func theEndOfMpushdEndsTheDemo() {
        var rehearsal = Self.waiting()
        rehearsal.tell { $0.daemonEnded(.signal(9), at: $1) }
        #expect(rehearsal.complaints == ["mpushd ended (killed by signal 9) after its start"])
        #expect(rehearsal.isFinished)
        #expect(rehearsal.director.nextDeadline == nil)
    }

    @Test func anUncleanEndIsAFailure() {
        var rehearsal = Self.waiting()
        rehearsal.tell { $0.stopRequested(at: $1) }
        rehearsal.tell { $0.daemonEnded(.status(70), at: $1) }
        #expect(rehearsal.complaints == ["no orderly end of mpushd (exit status 70)"])
    }

    @Test func whoDoesNotEndIsKilled() {
        var rehearsal = Self.waiting()
        rehearsal.tell { $0.stopRequested(at: $1) }
        #expect(rehearsal.actions.last == .stopDaemon)
        #expect(rehearsal.director.nextDeadline == rehearsal.now + DemoDirector.stopDeadline)
        rehearsal.tell { director, now in director.deadlineReached(at: now + DemoDirector.stopDeadline) }
        #expect(rehearsal.actions.last == .killDaemon)
        rehearsal.tell { $0.daemonEnded(.signal(9), at: $1) }
        #expect(rehearsal.isFinished)
        #expect(rehearsal.complaints == ["no end of mpushd within 3 s after SIGTERM"])
    }

    @Test func aSecondWishToStopKillsAtOnce() {
        var rehearsal = Self.waiting()
        rehearsal.tell { $0.stopRequested(at: $1) }
        rehearsal.tell { $0.stopRequested(at: $1) }
        #expect(rehearsal.actions.suffix(2) == [.stopDaemon, .killDaemon])
    }

    @Test func aStopBeforeMpushdRunsIsTheEnd() {
        var rehearsal = Self.rehearsal(limit: nil)
        rehearsal.run(steps: 0)
        rehearsal.tell { $0.stopRequested(at: $1) }
        #expect(rehearsal.actions == [.announce("start"), .finish])
        #expect(rehearsal.director.exitStatus == 0)
    }

    @Test func aTestThatIsStoppedTooEarlyFails() {
        var rehearsal = Self.waiting(limit: .seconds(30))
        rehearsal.tell { $0.stopRequested(at: $1) }
        #expect(rehearsal.complaints == ["stopped before a whole scene was played"])
        #expect(rehearsal.director.exitStatus == 1)
    }

    @Test func failuresAreBounded() {
        var rehearsal = Self.waiting()
        for number in 0..<100 { rehearsal.see(.log("error", "\(number)")) }
        #expect(rehearsal.director.result.failed == 100)
        #expect(rehearsal.director.result.failures.count == DemoResult.maximumWords)
    }
}
