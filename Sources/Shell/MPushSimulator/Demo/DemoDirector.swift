package import MPushModel

/// Plays a demo: announces each act, does what it does, and holds what is observed against what must be. A pure value: facts
/// and the time in, actions out.
///
/// Scenes follow each other until the demo is stopped or its time is over, but the first one is always played to its end.
/// What must not happen at any time - an error, a warning, a closed connection, a missing ACK, the end of mpushd - is a
/// failure where the act under way does not provide for it.
package struct DemoDirector: Sendable {
    /// How long a caption can be read before its act begins.
    package static let announcement: Duration = .milliseconds(800)
    /// The pause after an act.
    package static let rest: Duration = .milliseconds(200)
    /// How long mpushd may take to end.
    package static let stopDeadline: Duration = .seconds(3)

    private enum Phase: Equatable {
        case idle
        case announcing(DemoAct, until: Instant)
        case playing(DemoAct, [PendingExpectation], since: Instant)
        case resting(until: Instant)
        /// mpushd was asked to end.
        case stopping(since: Instant)
        /// mpushd was made to end.
        case killing
        case ended
    }

    package private(set) var result = DemoResult()
    private let acts: @Sendable (_ scene: Int) -> [DemoAct]
    private let limit: Duration?
    private var phase = Phase.idle
    private var remainingActs: ArraySlice<DemoAct> = []
    private var daemonRuns = false
    private var timeIsOver = Instant.zero

    /// A demo of the scenes that `acts` gives, numbered from 1. It takes `limit`, or goes on until it is stopped.
    package init(limit: Duration? = nil, acts: @escaping @Sendable (_ scene: Int) -> [DemoAct] = DemoScript.acts) {
        self.limit = limit
        self.acts = acts
    }

    /// 0 where all that was shown happened as it should.
    package var exitStatus: Int32 { result.failed == 0 ? 0 : 1 }

    /// When `deadlineReached` is to be called next.
    package var nextDeadline: Instant? {
        switch phase {
        case .idle, .killing, .ended: nil
        case .announcing(_, let until), .resting(let until): earliest(until, end)
        case .playing(_, let pending, let since):
            earliest(pending.filter { !$0.isMet }.map { since + $0.expectation.deadline }.min(), end)
        case .stopping(let since): since + Self.stopDeadline
        }
    }

    // MARK: - Facts

    /// The server listens: the play can begin.
    package mutating func started(at now: Instant) -> [DemoAction] {
        timeIsOver = now + (limit ?? .zero)
        return beginScene(at: now)
    }

    /// Something happened on either side.
    package mutating func observed(_ observation: DemoObservation, at now: Instant) -> [DemoAction] {
        let alarm = alarm(observation)
        guard case .playing(let act, var pending, let since) = phase else { return alarm }
        var actions = alarm
        for index in pending.indices where !pending[index].isMet {
            pending[index].observe(observation)
            guard pending[index].isMet else { continue }
            result.passed += 1
            actions.append(.approve(pending[index].expectation.what, after: now - since))
        }
        phase = .playing(act, pending, since: since)
        endActIfAllIsSeen(at: now)
        return actions
    }

    /// The process of mpushd has ended.
    package mutating func daemonEnded(_ exit: DemoExit, at now: Instant) -> [DemoAction] {
        daemonRuns = false
        defer { phase = .ended }
        switch phase {
        case .stopping(let since) where exit == .status(0):
            result.passed += 1
            return [.approve("orderly end of mpushd", after: now - since), .finish]
        case .stopping: return fail("no orderly end of mpushd (\(exit))") + [.finish]
        case .playing(let act, _, _): return fail("mpushd ended (\(exit)) \(act.occasion)") + [.finish]
        case .idle, .announcing, .resting: return fail("mpushd ended (\(exit)) in the middle of the demo") + [.finish]
        case .killing: return [.finish]
        case .ended: return []
        }
    }

    /// The time of `nextDeadline` has come. Called early, it does nothing.
    package mutating func deadlineReached(at now: Instant) -> [DemoAction] {
        if let end, end <= now { return stop(at: now) }
        switch phase {
        case .announcing(let act, let until) where until <= now: return begin(act, at: now)
        case .playing(let act, let pending, let since):
            return giveUp(act, pending, since: since, at: now)
        case .resting(let until) where until <= now: return beginNextAct(at: now)
        case .stopping(let since) where since + Self.stopDeadline <= now:
            phase = .killing
            return fail("no end of mpushd within \(Self.stopDeadline.humanReadable) after SIGTERM") + [.killDaemon]
        case .idle, .announcing, .resting, .stopping, .killing, .ended: return []
        }
    }

    /// Whoever watches has seen enough. Said twice, mpushd is not waited for.
    package mutating func stopRequested(at now: Instant) -> [DemoAction] {
        switch phase {
        case .idle, .announcing, .playing, .resting:
            let isTooEarly = limit != nil && result.scenes == 0
            return (isTooEarly ? fail("stopped before a whole scene was played") : []) + stop(at: now)
        case .stopping:
            phase = .killing
            return [.killDaemon]
        case .killing, .ended: return []
        }
    }
}

// MARK: - The course of the play

extension DemoDirector {
    /// When the demo's time is over; nil while it is not to be ended.
    private var end: Instant? {
        switch phase {
        case .announcing, .playing, .resting: limit != nil && result.scenes > 0 ? timeIsOver : nil
        case .idle, .stopping, .killing, .ended: nil
        }
    }

    private func earliest(_ instants: Instant?...) -> Instant? {
        instants.compactMap(\.self).min()
    }

    private mutating func beginScene(at now: Instant) -> [DemoAction] {
        remainingActs = acts(result.scenes + 1)[...]
        guard let act = remainingActs.popFirst() else { return stop(at: now) }
        return announce(act, at: now)
    }

    private mutating func beginNextAct(at now: Instant) -> [DemoAction] {
        if let act = remainingActs.popFirst() { return announce(act, at: now) }
        result.scenes += 1
        if limit != nil, timeIsOver <= now { return stop(at: now) }
        return beginScene(at: now)
    }

    private mutating func announce(_ act: DemoAct, at now: Instant) -> [DemoAction] {
        phase = .announcing(act, until: now + Self.announcement)
        return [.announce(act.caption)]
    }

    private mutating func begin(_ act: DemoAct, at now: Instant) -> [DemoAction] {
        phase = .playing(act, act.expectations.map(PendingExpectation.init), since: now)
        if act.stimuli.contains(.startDaemon) { daemonRuns = true }
        endActIfAllIsSeen(at: now)
        return act.stimuli.map { .perform($0) }
    }

    private mutating func endActIfAllIsSeen(at now: Instant) {
        guard case .playing(_, let pending, _) = phase, pending.allSatisfy(\.isMet) else { return }
        phase = .resting(until: now + Self.rest)
    }

    /// Fails what should have been seen by now.
    private mutating func giveUp(
        _ act: DemoAct, _ pending: [PendingExpectation], since: Instant, at now: Instant
    ) -> [DemoAction] {
        let isDue = { (one: PendingExpectation) in !one.isMet && since + one.expectation.deadline <= now }
        phase = .playing(act, pending.filter { !isDue($0) }, since: since)
        endActIfAllIsSeen(at: now)
        return pending.filter(isDue).map(\.expectation).flatMap {
            fail("no \($0.what) within \($0.deadline.humanReadable) \(act.occasion)")
        }
    }

    private mutating func stop(at now: Instant) -> [DemoAction] {
        phase = daemonRuns ? .stopping(since: now) : .ended
        return daemonRuns ? [.stopDaemon] : [.finish]
    }

    private mutating func fail(_ words: String) -> [DemoAction] {
        result.fail(words)
        return [.complain(words)]
    }

    private mutating func alarm(_ observation: DemoObservation) -> [DemoAction] {
        guard let alarm = observation.alarm else { return [] }
        switch phase {
        case .playing(let act, _, _) where act.provides(for: observation): return []
        case .announcing, .playing, .resting: return fail("unexpected: \(alarm)")
        case .idle, .stopping, .killing, .ended: return []
        }
    }
}

/// What a demo has to do next.
package enum DemoAction: Equatable, Sendable {
    case announce(String)
    case perform(DemoStimulus)
    /// Say that what was expected has come, so long after the act began.
    case approve(String, after: Duration)
    /// Say what did not happen as it should.
    case complain(String)
    /// Ask mpushd to end (SIGTERM).
    case stopDaemon
    /// Make it end (SIGKILL).
    case killDaemon
    /// All is over, and mpushd does not run any more.
    case finish
}

/// What came of a demo.
package struct DemoResult: Equatable, Sendable {
    /// The most failures whose words are kept.
    package static let maximumWords = 20

    /// Expectations that were met.
    package internal(set) var passed = 0
    package private(set) var failed = 0
    /// The first failures, in words.
    package private(set) var failures: [String] = []
    /// Scenes played to their end.
    package internal(set) var scenes = 0

    mutating func fail(_ words: String) {
        failed += 1
        if failures.count < Self.maximumWords { failures.append(words) }
    }
}

/// How a process ended (waitpid(2)).
package enum DemoExit: Equatable, Sendable {
    case status(Int32)
    case signal(Int32)
}

extension DemoExit: CustomStringConvertible {
    package var description: String {
        switch self {
        case .status(let status): "exit status \(status)"
        case .signal(let number): "killed by signal \(number)"
        }
    }
}
