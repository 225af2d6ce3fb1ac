import MPushConfiguration
import MPushModel
import MPushSupervision
import Testing

/// Long times without a server, or with a bad one.
@Suite struct SupervisorNightTests {
    private static let endpoints = ["a:1", "b:2"]

    // MARK: - A night

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func aNightWithoutAServerCostsAFewDozenLines(seed: UInt64) {
        var test = TestSupervisor(endpoints: Self.endpoints, seed: seed)
        _ = test.start()
        let end = test.now + .seconds(12 * 3600)
        var attempts = 0
        while test.now < end {
            attempts += test.end(TestSupervisor.refused).connects.count
            if test.supervisor.nextAttempt != nil { attempts += test.reachDeadline().connects.count }
        }
        #expect(attempts > 12 * 3600 / 120)
        #expect(test.reports.count < 60)
        #expect(test.reports.count > 12)
        #expect(test.supervisor.nextAttempt != nil || test.supervisor.state != .idle)
    }

    @Test func aNightOfChangingCausesCostsAFewDozenLinesAsWell() {
        let causes: [LossCause] = [
            .resolve(host: "a", detail: ""), TestSupervisor.refused, .tls(.expired(detail: "")),
            .tls(.wrongHost(detail: "")), .handshake(.closed(isSecured: true)), .bind(detail: ""), .reset(detail: ""),
            .protocolError(detail: ""), .closedByPeer(detail: nil), .ownFault(detail: ""), .tls(.other(detail: "")),
        ]
        var test = TestSupervisor(endpoints: Self.endpoints)
        var generator = SplitMix64(seed: 3)
        _ = test.start()
        let end = test.now + .seconds(12 * 3600)
        while test.now < end {
            _ = test.end(causes.randomElement(using: &generator) ?? TestSupervisor.refused)
            _ = test.reachDeadline()
        }
        #expect(test.reports.count < 60)
    }

    /// Neither the allocator answers nor what it named last, or what is configured.
    @Test(arguments: [["a:1", "b:2"], []])
    func aNightWithoutAllocatorAndServerCostsAFewDozenLines(known: [String]) {
        var test = TestSupervisor(endpoints: known, usesAllocator: true)
        _ = test.start()
        let end = test.now + .seconds(12 * 3600)
        var rounds = 0
        while test.now < end {
            switch test.supervisor.state {
            case .allocating: _ = test.allocatorFailed()
            case .attempting: _ = test.end(TestSupervisor.refused)
            default:
                _ = test.reachDeadline()
                rounds += 1
            }
        }
        #expect(rounds > 12 * 3600 / 120)
        #expect(test.reports.count < 100)
    }

    /// The first line comes at once; then, with one cause, the next after a minute, two, four ... and half an hour.
    @Test func saysLessAndLessOften() {
        var test = TestSupervisor()
        _ = test.start()
        var times: [Duration] = []
        let start = test.now
        while test.now - start < .seconds(4 * 3600) {
            let before = test.reports.count
            _ = test.end(TestSupervisor.refused)
            if test.reports.count > before { times.append(test.now - start) }
            _ = test.reachDeadline()
        }
        let pauses = zip(times, times.dropFirst()).map { $1 - $0 }
        #expect(times.first == .zero)
        for (pause, least) in zip(pauses, [60, 120, 240, 480, 960, 1800, 1800]) {
            #expect(pause >= .seconds(least) && pause <= .seconds(least + 120))
        }
        guard case .stillTrying(_, let attempts, let next?)? = test.reports.last else {
            Issue.record("no summary")
            return
        }
        #expect(attempts > 100)
        #expect(next > .zero)
    }

    @Test func aNewCauseIsSaidAtOnceAndAnOldOneIsNot() {
        var test = TestSupervisor()
        _ = test.start()
        let causes: [LossCause] = [
            TestSupervisor.refused, TestSupervisor.refused, .tls(.expired(detail: "x")), TestSupervisor.refused,
            .tls(.expired(detail: "y")), .tls(.wrongHost(detail: "z")),
        ]
        let said = causes.map { cause in
            let before = test.reports.count
            _ = test.end(cause)
            _ = test.reachDeadline()
            return test.reports.count > before
        }
        #expect(said == [true, false, true, false, false, true])
    }

    // MARK: - A year

    /// Outages of any kind and length, with operators who meddle: there is always a next step, and never a busy loop.
    @Test(arguments: 1...5 as ClosedRange<UInt64>)
    func aYearOfOutagesNeverEndsTheSearch(seed: UInt64) {
        var year = YearOfOutages(seed: seed)
        year.run()
        #expect(year.complaints == [])
        #expect(year.connections > 100)
        #expect(year.attempts > 1000)
    }
}

/// A network that is well for hours and ill for hours, and an operator who reconnects, pauses (and takes it back) and
/// changes the configuration now and then.
private struct YearOfOutages {
    private(set) var complaints: Set<String> = []
    private(set) var connections = 0
    private(set) var attempts = 0
    private var test: TestSupervisor
    private var generator: SplitMix64
    private var isWell = true
    private var weatherChanges = Instant.zero
    private var lastRound = Instant.zero
    private var isRoundAskedFor = true

    init(seed: UInt64) {
        generator = SplitMix64(seed: seed)
        test = TestSupervisor(endpoints: ["a:1", "b:2"], isShuffled: true, usesAllocator: true, seed: seed)
    }

    mutating func run() {
        let end = test.now + .seconds(365 * 86_400)
        take(test.start())
        while test.now < end, complaints.isEmpty { step() }
    }

    private mutating func step() {
        if test.now >= weatherChanges {
            isWell.toggle()
            weatherChanges = test.now + .seconds(Int.random(in: 1...20_000, using: &generator))
        }
        switch test.supervisor.state {
        case .allocating: takeAllocation()
        case .attempting: takeAttempt()
        case .online: takeConnection()
        case .waiting:
            guard let wait = test.pendingWait, wait > .zero || test.now == lastRound else {
                complaints.insert("a wait of no length")
                return
            }
            take(test.reachDeadline())
        case .closing: take(test.end(.operatorRequest))
        case .paused:
            test.wait(.seconds(500))
            isRoundAskedFor = true
            take(test.reconnect())
        case .idle, .noNetwork, .stopped: complaints.insert("no next step in \(test.supervisor.state)")
        }
    }

    private mutating func takeAllocation() {
        test.wait(.milliseconds(Int.random(in: 1...3000, using: &generator)))
        if isWell { take(test.allocated(["c:3", "d:4"])) } else { take(test.allocatorFailed()) }
    }

    private mutating func takeAttempt() {
        test.wait(.milliseconds(Int.random(in: 0...3000, using: &generator)))
        if isWell {
            test.becomeOnline()
            connections += 1
        } else {
            take(test.end(Bool.random(using: &generator) ? TestSupervisor.refused : .tls(.expired(detail: ""))))
        }
    }

    private mutating func takeConnection() {
        test.wait(.seconds(Int.random(in: 0...8000, using: &generator)))
        switch Int.random(in: 0..<20, using: &generator) {
        case 0: take(test.pause())
        case 1: take(test.reconnect())
        case 2: take(test.reconfigure(.of(["a:1"], usesAllocator: Bool.random(using: &generator)), mustReconnect: true))
        case 3: take(test.end(.kicked))
        default: take(test.end(TestSupervisor.missed))
        }
        isRoundAskedFor = test.supervisor.nextAttempt == nil
    }

    /// Rounds that nobody asked for begin at least the shortest wait apart.
    private mutating func take(_ actions: [SupervisorAction]) {
        attempts += actions.connects.count
        guard actions.contains(.askAllocator) else { return }
        if !isRoundAskedFor, test.now - lastRound < .seconds(1) { complaints.insert("two rounds within a second") }
        lastRound = test.now
        isRoundAskedFor = false
    }
}
