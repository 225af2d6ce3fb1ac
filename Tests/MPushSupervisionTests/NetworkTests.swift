import MPushModel
import MPushSupervision
import Testing

/// What a change of the machine's network means for the search for a connection.
@Suite struct SupervisorNetworkTests {
    private static let gone = LossCause.networkChanged(detail: "the address is gone")

    @Test func nothingIsTriedWithoutARoute() {
        var test = TestSupervisor()
        #expect(test.network(hasRoute: false) == [])
        #expect(test.start() == [.report(.noNetwork)])
        #expect(test.supervisor.state == .noNetwork)
        #expect(test.supervisor.nextDeadline == nil)
        test.wait(.seconds(900))
        #expect(test.network(hasRoute: false) == [])
        #expect(test.network(hasRoute: true, isNews: true) == [])
        #expect(test.pendingWait.map { $0 <= .milliseconds(300) } == true)
        #expect(test.reachDeadline().connects == ["a:1"])
    }

    @Test func aWaitEndsWhereTheRouteIsGone() {
        var test = TestSupervisor.waiting()
        #expect(test.network(hasRoute: false) == [.report(.noNetwork)])
        #expect(test.supervisor.state == .noNetwork)
    }

    @Test func aNewRouteEndsTheWait() {
        var test = TestSupervisor()
        _ = test.start()
        for _ in 0..<10 {
            _ = test.end(TestSupervisor.refused)
            _ = test.reachDeadline()
        }
        _ = test.end(TestSupervisor.refused)
        let wait = test.pendingWait
        #expect(test.network(hasRoute: true, isNews: false) == [])
        #expect(test.pendingWait == wait)
        #expect(test.network(hasRoute: true, isNews: true) == [])
        #expect(test.pendingWait.map { $0 <= .milliseconds(300) } == true)
    }

    @Test func whatAKickLedToIsWaitedForOnAnyNetwork() {
        var test = TestSupervisor.online()
        _ = test.end(.kicked)
        let wait = test.pendingWait
        _ = test.network(hasRoute: true, isNews: true)
        #expect(test.pendingWait == wait)
        _ = test.network(hasRoute: false)
        #expect(test.pendingWait == wait)
        #expect(test.reachDeadline() == [.report(.noNetwork)])
    }

    @Test func aConnectionThatTheNetworkTookIsMadeAgainAtOnce() {
        var test = TestSupervisor.online(endpoints: ["a:1", "b:1"])
        _ = test.end(Self.gone)
        #expect(test.pendingWait.map { $0 <= .milliseconds(300) } == true)
        // The server has no part in it: it is not the last to be tried.
        #expect(test.reachDeadline().connects == ["a:1"])
    }

    /// It says nothing of the server; but a server that is gone must not keep us from the others on a network that flaps.
    @Test func anAttemptThatTheNetworkTookIsMadeAgainAtOnce() {
        let other = LossCause.networkChanged(detail: "another way came up")
        var test = TestSupervisor(endpoints: ["a:1", "b:1"])
        #expect(test.start().connects == ["a:1"])
        for (next, cause) in [("a:1", other), ("b:1", other), ("b:1", other), ("a:1", TestSupervisor.refused)] {
            var actions = test.end(cause)
            if cause == other {
                #expect(actions.connects == [] && test.pendingWait.map { $0 <= .milliseconds(300) } == true)
                actions = test.reachDeadline()
            }
            #expect(actions.connects == [next])
        }
        test.becomeOnline()
        #expect(test.pendingDeadline == nil)
    }

    @Test func anAttemptThatTheNetworkTookAfterALongTimeIsTheFirstAgain() {
        var test = TestSupervisor(endpoints: ["a:1", "b:1"])
        _ = test.start()
        for _ in 0..<3 {
            _ = test.end(Self.gone)
            #expect(test.reachDeadline().connects == ["a:1"])
            test.becomeOnline()
            test.wait(.seconds(60))
            _ = test.end(TestSupervisor.missed)
            #expect(test.reachDeadline().connects == ["a:1"])
        }
    }

    @Test func aLossWithoutARouteSaysWhatIsWaitedFor() {
        var test = TestSupervisor.online()
        _ = test.network(hasRoute: false)
        let actions = test.end(Self.gone)
        #expect(actions == [.report(.lost(Self.gone, from: .of("a:1"), boundFor: .zero, next: nil))])
        #expect(test.supervisor.state == .noNetwork)
    }

    @Test func anOperatorMayTryWithoutARoute() {
        var test = TestSupervisor()
        _ = test.network(hasRoute: false)
        _ = test.start()
        #expect(test.reconnect().connects == ["a:1"])
        #expect(
            test.end(TestSupervisor.refused) == [.report(.failed(TestSupervisor.refused, at: .of("a:1"), next: nil))])
        #expect(test.supervisor.state == .noNetwork)
        #expect(test.pause() == [])
        #expect(test.supervisor.state == .paused)
        #expect(test.network(hasRoute: true, isNews: true) == [])
        #expect(test.supervisor.state == .paused)
    }

    /// A link that flaps, and a server that is not reached while it is up; or a name that is not found without a default route,
    /// which is looked for every five minutes.
    @Test(arguments: [(Duration.seconds(6), 600), (.seconds(300), 144)])
    func aSearchOfManyFlapsCostsAFewLines(length: Duration, flaps: Int) {
        var test = TestSupervisor()
        _ = test.start()
        for _ in 0..<flaps {
            _ = test.network(hasRoute: true, isNews: true)
            _ = test.reachDeadline()
            _ = test.end(.resolve(host: "a", detail: ""))
            _ = test.network(hasRoute: false)
            #expect(test.supervisor.state == .noNetwork)
            test.wait(length)
        }
        #expect(test.reports.count { $0 == .noNetwork } > 0)
        #expect((8..<40).contains(test.reports.count))
        // After a connection it is news again.
        _ = test.network(hasRoute: true, isNews: true)
        _ = test.reachDeadline()
        test.becomeOnline()
        _ = test.end(TestSupervisor.missed)
        #expect(test.network(hasRoute: false) == [.report(.noNetwork)])
    }

    /// Routes go and come, for moments and for hours: no attempt without one, and one within a moment of its return.
    @Test func aThousandFlips() {
        var test = TestSupervisor.online()
        var generator = SplitMix64(seed: 12)
        var waits: [Duration] = []
        for _ in 0..<1000 {
            _ = test.network(hasRoute: false)
            #expect(test.end(Self.gone).connects == [])
            #expect(test.supervisor.state == .noNetwork)
            test.wait(.milliseconds(Int64.random(in: 1...3_600_000, using: &generator)))
            #expect(test.reachDeadline().connects == [])
            _ = test.network(hasRoute: true, isNews: true)
            waits.append(test.pendingWait ?? .seconds(3600))
            #expect(test.reachDeadline().connects == ["a:1"])
            test.becomeOnline()
            test.wait(.milliseconds(Int64.random(in: 1...100_000, using: &generator)))
        }
        #expect(waits.max().map { $0 <= .milliseconds(300) } == true)
    }
}

/// What a change of the machine's network means for a connection.
@Suite struct ConnectionPathTests {
    private static func path(_ source: String, _ link: UInt32 = 2, isLinkUp: Bool = true) -> RouteAnswer {
        .path(NetworkPath(source: source, link: link, isLinkUp: isLinkUp))
    }

    private static let own: Set<String> = ["10.1.0.2", "10.2.0.2", "127.0.0.1"]

    private func verdicts(_ steps: [(RouteAnswer, Set<String>?)]) -> [ConnectionPath.Verdict] {
        var path = ConnectionPath(from: "10.1.0.2", route: Self.path("10.1.0.2"))
        return steps.map { path.networkChanged(route: $0.0, addresses: $0.1) }
    }

    @Test func aPathThatStaysIsKept() {
        #expect(verdicts([(Self.path("10.1.0.2"), Self.own), (Self.path("10.1.0.2"), nil)]) == [.keep, .keep])
    }

    @Test func anAddressThatIsGoneEndsIt() {
        let verdict = verdicts([(Self.path("10.2.0.2"), ["10.2.0.2"])])
        #expect(verdict == [.giveUp(reason: "this machine does not have the address 10.1.0.2 any more")])
    }

    @Test func anotherWayIsAskedForOnce() {
        let other = Self.path("10.2.0.2", 3)
        #expect(
            verdicts([(other, Self.own), (other, Self.own)]) == [
                .ask(reason: "the way to the server is from 10.2.0.2, not from 10.1.0.2"), .keep,
            ])
        #expect(
            verdicts([(Self.path("10.1.0.2", 9), Self.own)]) == [
                .ask(reason: "the way to the server is over another link")
            ])
    }

    @Test func aFlapIsAskedForOnce() {
        let down = Self.path("10.1.0.2", isLinkUp: false)
        let up = Self.path("10.1.0.2")
        #expect(verdicts([(down, Self.own), (up, Self.own)]) == [.ask(reason: "the link is down"), .keep])
        #expect(
            verdicts([(.none, Self.own), (up, Self.own)]) == [
                .ask(reason: "there is no route to the server any more"), .keep,
            ])
    }

    @Test func whatTheKernelDoesNotSayChangesNothing() {
        #expect(verdicts([(.unknown, nil), (Self.path("10.1.0.2"), nil)]) == [.keep, .keep])
    }

    @Test func aRouteIsNewsOnceAndOnlyWhereItWasNotThere() {
        var routes = ServerRoutes()
        #expect(routes.looked([.none], isComplete: true) == .init(hasRoute: false, isNews: false))
        #expect(routes.looked([Self.path("10.1.0.2")], isComplete: true) == .init(hasRoute: true, isNews: true))
        #expect(
            routes.looked([Self.path("10.1.0.2"), .none], isComplete: true) == .init(hasRoute: true, isNews: false))
        #expect(routes.looked([Self.path("10.2.0.2")], isComplete: true) == .init(hasRoute: true, isNews: true))
        #expect(routes.looked([.none], isComplete: false) == .init(hasRoute: true, isNews: false))
        let down = Self.path("10.1.0.2", isLinkUp: false)
        #expect(routes.looked([down], isComplete: true) == .init(hasRoute: false, isNews: false))
        #expect(routes.looked([.unknown], isComplete: true) == .init(hasRoute: true, isNews: false))
    }

    @Test func anAddressThatIsKnownNowIsNoNewRoute() {
        var routes = ServerRoutes()
        #expect(routes.looked([], isComplete: false) == .init(hasRoute: true, isNews: false))
        #expect(routes.looked([Self.path("10.1.0.2")], isComplete: true) == .init(hasRoute: true, isNews: false))
    }

    @Test func aReloadBringsNoNewRouteAndTakesNoneAway() {
        var routes = ServerRoutes()
        _ = routes.looked([Self.path("10.1.0.2")], isComplete: true)
        let new = [Self.path("10.2.0.2")]
        #expect(routes.looked(new, isComplete: true, isChange: false) == .init(hasRoute: true, isNews: false))
        #expect(routes.looked(new, isComplete: true) == .init(hasRoute: true, isNews: true))
    }

    @Test func aBurstOfChangesIsOneLook() {
        var bell = NetworkBell()
        let start = Instant.zero + .seconds(10)
        for step in 0..<100 { bell.rang(at: start + .milliseconds(step)) }
        #expect(bell.nextDeadline == start + .milliseconds(150))
        #expect(bell.deadlineReached(at: start + .milliseconds(149)) == nil)
        #expect(bell.deadlineReached(at: start + .milliseconds(150)) == .change)
        bell.looked(isRouteAwaited: false, at: start)
        #expect(bell.nextDeadline == nil)
        bell.looked(isRouteAwaited: true, at: start)
        #expect(bell.deadlineReached(at: start + .seconds(300)) == .idle)
    }

    @Test func aSleepIsSeenOnce() {
        var gauge = SleepGauge()
        let readings: [(boot: Int, monotonic: Int)] = [(5000, 400), (6000, 1400), (7010, 2400), (8010, 3400)]
        let slept = readings.map { gauge.read(.zero + .seconds($0.boot), monotonic: .seconds($0.monotonic)) }
        #expect(slept == [false, false, true, false])
    }

    /// The clocks and logind say the same, one after the other; or one of them alone does.
    @Test func whoeverTellsOfASleepItCountsOnce() {
        enum Fact {
            /// The clocks show these seconds.
            case read(boot: Int, monotonic: Int)
            case told(boot: Int)
            case sleeps
        }
        let courses: [(facts: [Fact], counted: [Bool])] = [
            (
                [
                    .read(boot: 1000, monotonic: 1000), .read(boot: 1060, monotonic: 1001), .told(boot: 1065),
                    .read(boot: 1066, monotonic: 1007),
                ], [false, true, false, false]
            ),
            (
                [
                    .read(boot: 1000, monotonic: 1000), .told(boot: 1060), .read(boot: 1060, monotonic: 1001),
                    .read(boot: 1061, monotonic: 1002),
                ], [false, true, true, false]
            ),
            (
                [
                    .told(boot: 1000), .read(boot: 1000, monotonic: 1000), .told(boot: 1059),
                    .read(boot: 1059, monotonic: 1059), .told(boot: 1060), .read(boot: 1060, monotonic: 1060),
                ],
                [true, true, false, false, true, true]
            ),
            // Two sleeps in a minute of running, of a virtual machine whose clocks stand still meanwhile.
            (
                [
                    .sleeps, .told(boot: 1000), .read(boot: 1000, monotonic: 1000), .sleeps, .told(boot: 1030),
                    .read(boot: 1030, monotonic: 1030), .told(boot: 1031),
                ],
                [false, true, true, false, true, true, false]
            ),
        ]
        for course in courses {
            var gauge = SleepGauge()
            let counted = course.facts.map { fact -> Bool in
                switch fact {
                case .read(let boot, let monotonic):
                    return gauge.read(.zero + .seconds(boot), monotonic: .seconds(monotonic))
                case .told(let boot): return gauge.told(at: .zero + .seconds(boot))
                case .sleeps:
                    gauge.sleeps()
                    return false
                }
            }
            #expect(counted == course.counted)
        }
    }
}
