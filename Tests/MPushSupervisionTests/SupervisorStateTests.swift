import MPushConfiguration
import MPushModel
import MPushSupervision
import Testing

/// What the end of a connection and the wishes of an operator mean in each state.
@Suite struct SupervisorStateTests {
    private static let otherPlan = EndpointPlan.of(["x:7"])

    // MARK: - Ends

    @Test func aLossIsReportedWithItsCauseAndTheWait() throws {
        var test = TestSupervisor.online()
        test.wait(.seconds(5000))
        let actions = test.end(TestSupervisor.missed)
        let wait = try #require(test.pendingWait)
        #expect(
            actions == [
                .report(.lost(TestSupervisor.missed, from: .of("a:1"), boundFor: .seconds(5000), next: wait))
            ])
        #expect(test.supervisor.lastLoss == TestSupervisor.missed)
    }

    @Test func aKickWaitsLong() {
        var test = TestSupervisor.online()
        test.wait(.seconds(10))
        #expect(
            test.end(.kicked) == [
                .report(.lost(.kicked, from: .of("a:1"), boundFor: .seconds(10), next: .seconds(300)))
            ])
        #expect(test.pendingWait == .seconds(300))
        #expect(test.reachDeadline().connects == ["a:1"])
    }

    @Test func aKickWhileItBindsWaitsLongAsWell() {
        var test = TestSupervisor(endpoints: ["a:1", "b:2"])
        _ = test.start()
        #expect(test.end(.kicked).connects == [])
        #expect(test.pendingWait == .seconds(300))
        #expect(test.supervisor.lastLoss == .kicked)
    }

    @Test(arguments: [ReconnectPolicy.KickReaction.wait(.seconds(300)), .stop])
    func aKickOfAUserThatIsNotWishedAnyMoreLeadsToNoWait(onKick: ReconnectPolicy.KickReaction) {
        var test = TestSupervisor.online(onKick: onKick)
        #expect(
            test.endOfMootKick() == [
                .report(.lost(.kicked, from: .of("a:1"), boundFor: .zero, next: .zero)), .connect(.of("a:1")),
            ])
        #expect(test.supervisor.lastLoss == .kicked)
        // And before the user was bound.
        #expect(test.endOfMootKick().connects == ["a:1"])
    }

    @Test func whatTheRefusalOfAUserLedToIsOverForAnother() {
        var test = TestSupervisor.online()
        _ = test.end(.bind(detail: "not allowed"))
        #expect(test.giveUpUser().connects == ["a:1"])
    }

    @Test func aPauseCanBeEndedWhileItsConnectionStillCloses() {
        var test = TestSupervisor.online()
        #expect(!test.supervisor.state.isPausedOrPausing)
        _ = test.pause()
        #expect(test.supervisor.state.isPausedOrPausing)
        #expect(test.reconnect() == [])
        #expect(!test.supervisor.state.isPausedOrPausing)
        #expect(test.end(.paused).connects == ["a:1"] || test.supervisor.nextAttempt != nil)
        _ = test.pause()
        _ = test.end(.paused)
        #expect(test.supervisor.state.isPausedOrPausing)
    }

    @Test func aKickCanBeTheEndUntilAnOperatorAsks() {
        var test = TestSupervisor.online(onKick: .stop)
        #expect(
            test.end(.kicked) == [
                .report(.lost(.kicked, from: .of("a:1"), boundFor: .zero, next: nil)), .report(.stopped(.kicked)),
            ])
        #expect(test.supervisor.state == .stopped(.kicked))
        #expect(test.supervisor.nextAttempt == nil)
        #expect(test.reconfigure(Self.otherPlan) == [])
        #expect(test.reconnect().connects == ["x:7"])
    }

    @Test(arguments: [ReconnectPolicy.KickReaction.wait(.seconds(300)), .stop])
    func whatAKickLedToIsOverOnceTheUserIsGivenUp(onKick: ReconnectPolicy.KickReaction) {
        var test = TestSupervisor.online(onKick: onKick)
        #expect(test.giveUpUser() == [])
        _ = test.end(.kicked)
        #expect(test.giveUpUser().connects == ["a:1"])
        _ = test.end(TestSupervisor.refused)
        #expect(test.giveUpUser() == [])
    }

    // MARK: - Limits of last resort

    @Test func anAttemptThatHangsIsLetGoOfAndTheNextBegins() {
        var test = TestSupervisor(endpoints: ["a:1", "b:2"])
        _ = test.start()
        let cause = LossCause.ownFault(detail: "the attempt to connect did not end within 130 s")
        let began = test.now
        #expect(test.supervisor.deadlineReached(at: began + .seconds(129)) == [])
        #expect(test.reachLimit() == [.report(.hung(cause, at: .of("a:1"))), .abandon(cause)])
        #expect(test.now == began + .seconds(130))
        #expect(test.reachLimit() == [])
        #expect(test.end(cause).connects == ["b:2"])
        #expect(test.supervisor.nextDeadline == test.now + .seconds(130))
    }

    @Test(arguments: [131, 3600]) func anAttemptThatTheMachineSleptThroughGetsItsTimeAnew(seconds: Int) {
        var test = TestSupervisor(endpoints: ["a:1"])
        _ = test.start()
        let awake = test.now + .seconds(seconds)
        #expect(test.supervisor.deadlineReached(at: awake) == [])
        #expect(test.supervisor.nextDeadline == awake + .seconds(130))
    }

    @Test(arguments: [false, true])
    func aCloseThatHangsIsLetGoOf(isPause: Bool) {
        var test = TestSupervisor.online()
        let (asked, words): (LossCause, String) =
            isPause ? (.paused, "paused") : (.operatorRequest, "a new connection was asked for")
        #expect((isPause ? test.pause() : test.reconnect()) == [.close(asked)])
        let cause = LossCause.ownFault(detail: "the close of the connection (\(words)) did not end within 15 s")
        #expect(test.reachLimit() == [.report(.hung(cause, at: .of("a:1"))), .abandon(cause)])
        let after = test.end(cause)
        #expect(after.count { if case .report(.hung) = $0 { true } else { false } } == 0)
        #expect(after.connects == (isPause ? [] : ["a:1"]))
        #expect(isPause == (test.supervisor.state == .paused))
    }

    /// The driver's own limit is shorter, and its words must not be lost behind what was asked for.
    @Test func aCloseThatEndsInAFaultOfOurOwnIsSaid() {
        var test = TestSupervisor.online()
        _ = test.reconnect()
        let cause = LossCause.ownFault(detail: "still there")
        #expect(test.end(cause).first == .report(.hung(cause, at: .of("a:1"))))
    }

    @Test func aQuestionToTheAllocatorThatHangsIsLetGoOf() {
        var test = TestSupervisor(endpoints: ["a:1"], usesAllocator: true)
        _ = test.start()
        let cause = LossCause.ownFault(detail: "the question to the allocator did not end within 130 s")
        #expect(test.reachLimit() == [.report(.hung(cause, at: nil)), .abandon(cause)])
        #expect(test.end(cause).connects == ["a:1"])
    }

    @Test func nothingElseHasALimit() {
        #expect(TestSupervisor.online().supervisor.nextDeadline == nil)
        #expect(TestSupervisor().supervisor.nextDeadline == nil)
        var waiting = TestSupervisor.waiting()
        #expect(waiting.supervisor.nextDeadline == waiting.supervisor.nextAttempt)
        _ = waiting.pause()
        #expect(waiting.supervisor.nextDeadline == nil)
    }

    // MARK: - Counting

    @Test func countsFailedAttemptsUntilItIsOnline() {
        var test = TestSupervisor(endpoints: ["a:1", "b:2"])
        _ = test.start()
        _ = test.end(TestSupervisor.refused)
        _ = test.end(TestSupervisor.refused)
        #expect(test.supervisor.failedAttempts == 2)
        _ = test.reachDeadline()
        test.becomeOnline()
        #expect(test.supervisor.failedAttempts == 0)
    }

    // MARK: - Reconnect

    @Test func reconnectSkipsOneWait() {
        var test = TestSupervisor.waiting()
        #expect(test.reconnect().connects == ["a:1"])
        _ = test.end(TestSupervisor.refused)
        #expect(test.supervisor.nextAttempt != nil)
    }

    /// Status says the cause with its time: that of another end, which was asked for, would make a lie of it.
    @Test func anEndHasItsOwnTime() {
        var test = TestSupervisor.waiting()
        let refused = test.now
        #expect(test.supervisor.lastEnd?.cause == TestSupervisor.refused && test.supervisor.lastEnd?.at == refused)
        test.wait(.seconds(7))
        _ = test.reconnect()
        test.becomeOnline()
        test.wait(.seconds(7))
        _ = test.reconnect()
        _ = test.end(.operatorRequest)
        #expect(test.supervisor.lastEnd?.cause == TestSupervisor.refused && test.supervisor.lastEnd?.at == refused)
    }

    /// No connection is begun where no server is known.
    @Test func anAllocatorThatNamesNoServerIsAnEnd() {
        var test = TestSupervisor(endpoints: [], usesAllocator: true)
        _ = test.start()
        test.wait(.seconds(7))
        _ = test.allocatorFailed()
        #expect(test.supervisor.lastEnd?.cause == .allocator(detail: "no answer"))
        #expect(test.supervisor.lastEnd?.at == test.now)
    }

    @Test func reconnectReplacesAConnectionAtOnce() {
        var test = TestSupervisor.online()
        test.wait(.seconds(7))
        #expect(test.reconnect() == [.close(.operatorRequest)])
        #expect(test.reconnect() == [])
        #expect(
            test.end(.operatorRequest) == [
                .report(.lost(.operatorRequest, from: .of("a:1"), boundFor: .seconds(7), next: .zero)),
                .connect(.of("a:1")),
            ])
        #expect(test.supervisor.lastLoss == nil)
    }

    @Test func reconnectEndsAPause() {
        var test = TestSupervisor.online()
        #expect(test.pause() == [.close(.paused)])
        _ = test.end(.paused)
        #expect(test.supervisor.state == .paused)
        #expect(test.reconnect().connects == ["a:1"])
    }

    @Test func reconnectTakesBackAPauseThatIsUnderWay() {
        var test = TestSupervisor.online()
        _ = test.pause()
        #expect(test.reconnect() == [])
        #expect(test.end(.paused).connects == ["a:1"])
    }

    @Test func reconnectDoesNotDisturbAnAttempt() {
        var attempting = TestSupervisor()
        #expect(attempting.reconnect() == [])
        _ = attempting.start()
        #expect(attempting.reconnect() == [])
        var allocating = TestSupervisor(usesAllocator: true)
        _ = allocating.start()
        #expect(allocating.reconnect() == [])
    }

    // MARK: - Pause and stop

    @Test func pauseEndsAWaitOrAQuestionAtOnce() {
        var waiting = TestSupervisor.waiting()
        #expect(waiting.pause() == [])
        #expect(waiting.supervisor.state == .paused)
        #expect(waiting.supervisor.nextAttempt == nil)
        var allocating = TestSupervisor(usesAllocator: true)
        _ = allocating.start()
        _ = allocating.pause()
        #expect(allocating.allocated(["b:2"]) == [])
        #expect(allocating.supervisor.state == .paused)
    }

    @Test func pauseBeforeTheStartHolds() {
        var test = TestSupervisor()
        _ = test.pause()
        #expect(test.start() == [])
        #expect(test.reconnect().connects == ["a:1"])
    }

    @Test func pauseGivesUpAnAttemptWithoutCallingItALoss() {
        var test = TestSupervisor()
        _ = test.start()
        #expect(test.pause() == [.close(.paused)])
        #expect(test.end(.paused) == [])
        #expect(test.supervisor.state == .paused)
    }

    @Test func stopClosesAndSaysWhatWasLost() {
        var test = TestSupervisor.online()
        #expect(test.stop() == [.close(.localStop)])
        #expect(
            test.end(.localStop) == [
                .report(.lost(.localStop, from: .of("a:1"), boundFor: .zero, next: nil))
            ])
        #expect(test.supervisor.state == .stopped(.localStop))
    }

    @Test(arguments: ["idle", "waiting", "attempting", "online", "paused", "allocating", "reconnecting", "kicked"])
    func stopIsFinal(begin: String) {
        var test = TestSupervisor.online(onKick: .stop)
        switch begin {
        case "idle": test = TestSupervisor()
        case "waiting": test = .waiting()
        case "attempting":
            test = TestSupervisor()
            _ = test.start()
        case "paused":
            _ = test.pause()
            _ = test.end(.paused)
        case "allocating":
            test = TestSupervisor(usesAllocator: true)
            _ = test.start()
        case "reconnecting": _ = test.reconnect()
        case "kicked": _ = test.end(.kicked)
        default: break
        }
        _ = test.stop()
        _ = test.pause()
        #expect(test.reconnect() == [])
        #expect(test.end(.operatorRequest).connects == [])
        #expect(test.supervisor.state == .stopped(.localStop))
        #expect(test.reconnect() == [])
        #expect(test.pause() == [])
        #expect(test.start() == [])
        #expect(test.reconfigure(Self.otherPlan, mustReconnect: true) == [])
        #expect(test.allocated(["b:2"]) == [])
        #expect(test.supervisor.state == .stopped(.localStop))
        #expect(test.supervisor.nextAttempt == nil)
    }

    // MARK: - Reconfigured

    @Test func aConnectionOutlivesANewPlan() {
        var test = TestSupervisor.online()
        #expect(test.reconfigure(Self.otherPlan) == [])
        _ = test.end(TestSupervisor.missed)
        #expect(test.reachDeadline().connects == ["x:7"])
    }

    @Test func aConnectionIsReplacedWhereItMustBe() {
        var test = TestSupervisor.online()
        #expect(test.reconfigure(Self.otherPlan, mustReconnect: true) == [.close(.reconfigured)])
        #expect(test.end(.reconfigured).connects == ["x:7"])
    }

    @Test func anAttemptEndsWhereItsPlanIsNoMore() {
        var same = TestSupervisor()
        _ = same.start()
        #expect(same.reconfigure(.of(["a:1"])) == [])
        var other = TestSupervisor()
        _ = other.start()
        #expect(other.reconfigure(Self.otherPlan) == [.close(.reconfigured)])
        #expect(other.end(.reconfigured).connects == ["x:7"])
    }

    @Test func aWaitIsOverButNotTheOneAfterAKick() {
        var waiting = TestSupervisor.waiting()
        #expect(waiting.reconfigure(Self.otherPlan).connects == ["x:7"])
        var kicked = TestSupervisor.online()
        _ = kicked.end(.kicked)
        #expect(kicked.reconfigure(Self.otherPlan) == [])
        #expect(kicked.pendingWait == .seconds(300))
        #expect(kicked.reachDeadline().connects == ["x:7"])
    }

    @Test func pausedStaysPaused() {
        var test = TestSupervisor()
        _ = test.pause()
        #expect(test.reconfigure(Self.otherPlan, mustReconnect: true) == [])
        #expect(test.supervisor.state == .paused)
    }

    @Test func anAllocatorThatIsNoMoreIsNotBelieved() {
        var test = TestSupervisor(usesAllocator: true)
        _ = test.start()
        var same = test
        #expect(test.reconfigure(Self.otherPlan) == [.connect(.of("x:7"))])
        #expect(test.allocated(["b:2"]) == [])
        #expect(test.allocatorFailed() == [])
        #expect(same.reconfigure(.of(["a:1"], usesAllocator: true)) == [])
        #expect(same.allocated(["b:2"]) == [.connect(.of("b:2"))])
    }

    @Test func whatIsAskedUnderATrustThatIsNoMoreIsAskedAnew() {
        var test = TestSupervisor(usesAllocator: true)
        _ = test.start()
        #expect(test.reconfigure(.of(["a:1"], usesAllocator: true), mustReconnect: true) == [.askAllocator])
        #expect(test.allocated(["b:2"]) == [.connect(.of("b:2"))])
    }

    @Test func anotherAllocatorIsAskedAnew() {
        var test = TestSupervisor(usesAllocator: true)
        _ = test.start()
        #expect(test.reconfigure(.of(["a:1"], usesAllocator: true, allocator: "two")) == [.askAllocator])
        #expect(test.supervisor.state == .allocating)
    }

    @Test func theLastAnswerOfAnotherAllocatorIsForgotten() {
        var test = TestSupervisor.online(endpoints: ["b:2"], usesAllocator: true)
        _ = test.reconfigure(.of(["b:2"], usesAllocator: true, allocator: "two"))
        _ = test.end(TestSupervisor.missed)
        _ = test.reachDeadline()
        guard case .report(.allocatorFailed(_, .configuredEndpoints))? = test.allocatorFailed().first else {
            Issue.record("fell back on the answer of the allocator before")
            return
        }
    }

    @Test func anotherUserEndsWhatAKickLedTo() {
        var waiting = TestSupervisor.online()
        _ = waiting.end(.kicked)
        #expect(waiting.reconfigure(.of(["a:1"]), isOtherUser: true).connects == ["a:1"])
        var stopped = TestSupervisor.online(onKick: .stop)
        _ = stopped.end(.kicked)
        #expect(stopped.reconfigure(.of(["a:1"]), .usual(.stop), isOtherUser: true).connects == ["a:1"])
    }

    @Test func newWaitsAreInForceAtOnce() throws {
        var test = TestSupervisor.online()
        _ = test.reconfigure(.of(["a:1"]), .usual(shortest: .seconds(50), longest: .seconds(60)))
        _ = test.end(TestSupervisor.missed)
        let wait = try #require(test.pendingWait)
        #expect(wait >= .seconds(50) && wait <= .seconds(60))
    }

    /// Of the plan that was in force when it became online, `b:2` was not tried yet.
    @Test func neverConnectsToAnEndpointOfAPlanThatIsNoMore() {
        var test = TestSupervisor.online(endpoints: ["a:1", "b:2"])
        _ = test.reconfigure(.of([], usesAllocator: true), mustReconnect: true)
        #expect(test.end(.reconfigured).last == .askAllocator)
        #expect(test.allocatorFailed().connects == [])
        #expect(test.supervisor.nextAttempt != nil)
    }

    @Test func anAllocatorsAnswerIsForgottenWithItsPlan() {
        var test = TestSupervisor.online(endpoints: ["a:1"], usesAllocator: true)
        _ = test.reconfigure(.of(["y:8"], usesAllocator: true))
        _ = test.end(TestSupervisor.missed)
        _ = test.reachDeadline()
        #expect(test.allocatorFailed().connects == ["y:8"])
    }
}

/// One state out of the supervisor's and the session's.
@Suite struct ConnectionStateTests {
    private static let endpoint = Endpoint.of("a:1")

    @Test(
        arguments: [
            (.resolving, .resolving), (.connecting, .connecting), (.securing, .securing),
            (.session(.resuming), .resuming), (.session(.handshaking), .handshaking), (.session(.binding), .binding),
            (.session(.online), .online), (.session(.unbound), .unbound), (.session(.suspect), .suspect),
            (.session(.closing), .closing), (nil, .waiting),
        ] as [(ConnectionStage?, ConnectionState)])
    func whereAConnectionIsWantedItsStageCounts(stage: ConnectionStage?, state: ConnectionState) {
        #expect(SupervisorState.attempting(Self.endpoint).connectionState(at: stage) == state)
        #expect(SupervisorState.online(Self.endpoint, since: .zero).connectionState(at: stage) == state)
        #expect(SupervisorState.idle.connectionState(at: stage) == .waiting)
        #expect(SupervisorState.waiting(until: .zero, cause: .kicked).connectionState(at: stage) == .waiting)
        #expect(SupervisorState.paused.connectionState(at: stage) == .paused)
        #expect(SupervisorState.stopped(.kicked).connectionState(at: stage) == .paused)
        #expect(SupervisorState.noNetwork.connectionState(at: stage) == .noNetwork)
        #expect(SupervisorState.allocating.connectionState(at: stage) == .resolving)
        let closing = SupervisorState.closing(Self.endpoint, boundSince: nil, .paused, next: .pause)
        #expect(closing.connectionState(at: stage) == .closing)
    }
}
