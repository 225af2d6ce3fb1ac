import MPushModel
import MPushSession
import Testing

/// However a connection ends, that is told once and in time.
@Suite struct ConnectionEndingTests {
    /// What can happen to a connection.
    private enum Fact: CaseIterable {
        case opened, error, wish, gone, time, abandoned
    }

    private static let limits = ConnectionEnding.Limits(opening: .seconds(60), closing: .seconds(5))
    private static let start = Instant.zero + .seconds(1000)
    private static let error = LossCause.reset(detail: "error")
    private static let wish = LossCause.operatorRequest
    private static let gone = LossCause.closedByPeer(detail: nil)
    private static let abandoned = LossCause.ownFault(detail: "abandoned")

    /// One connection, and what its driver does.
    private struct Course {
        var ending = ConnectionEnding(limits: limits, at: start)
        var now = start
        var told: [LossCause] = []
        var closes = 0
        /// When the end has to be told at the latest; nil while the session can be used.
        var due: Instant? = start + limits.opening + limits.closing

        mutating func take(_ fact: Fact) {
            let goesOn = ending.goesOn
            switch fact {
            case .opened:
                if goesOn { due = nil }
                ending.opened()
            case .error: found(ending.causeFound(error, at: now))
            case .wish: found(ending.causeFound(wish, at: now))
            case .gone: carryOut(ending.gone(otherwise: ConnectionEndingTests.gone))
            case .abandoned: carryOut(ending.abandoned(ConnectionEndingTests.abandoned))
            case .time:
                now = max(now, ending.nextDeadline ?? now)
                carryOut(ending.deadlineReached(at: now))
            }
        }

        private mutating func found(_ verdict: ConnectionEnding.Verdict) {
            if case .close = verdict { due = min(due ?? .distant, now + limits.closing) }
            carryOut(verdict)
        }

        private mutating func carryOut(_ verdict: ConnectionEnding.Verdict) {
            switch verdict {
            case .nothing: break
            case .close: closes += 1
            case .ended(let cause): told.append(cause)
            }
        }
    }

    /// All orders of up to six facts, and time after them.
    @Test func everyOrderOfFactsTellsOneEndInTime() {
        var courses = 0
        func go(_ course: Course, _ left: Int) {
            courses += 1
            check(course)
            guard left > 0 else { return }
            for fact in Fact.allCases {
                var next = course
                next.take(fact)
                go(next, left - 1)
            }
        }
        go(Course(), 6)
        #expect(courses > 50_000)
    }

    /// Whatever came before: nothing is told twice, and time alone ends what is not open.
    private func check(_ course: Course) {
        guard course.told.count <= 1, course.closes <= 1, course.told.isEmpty == !course.ending.hasEnded else {
            Issue.record("told \(course.told), closed \(course.closes) times")
            return
        }
        guard let due = course.due, course.told.isEmpty else { return }
        var course = course
        for _ in 0..<2 { course.take(.time) }
        guard course.told.count == 1, course.now <= due, course.ending.nextDeadline == nil else {
            Issue.record("told \(course.told) at \(course.now), due \(due)")
            return
        }
    }

    @Test func theFirstCauseIsTold() {
        var ending = ConnectionEnding(limits: Self.limits, at: Self.start)
        #expect(ending.causeFound(Self.wish, at: Self.start) == .close(Self.wish))
        #expect(ending.causeFound(Self.error, at: Self.start) == .nothing)
        #expect(ending.gone(otherwise: Self.gone) == .ended(Self.wish))
        #expect(ending.gone(otherwise: Self.gone) == .nothing)
        #expect(ending.causeFound(Self.error, at: Self.start) == .nothing)
        #expect(ending.abandoned(Self.abandoned) == .nothing)
    }

    @Test func anOpenSessionHasNoLimit() {
        var ending = ConnectionEnding(limits: Self.limits, at: Self.start)
        ending.opened()
        #expect(ending.nextDeadline == nil)
        #expect(ending.deadlineReached(at: Self.start + .seconds(1_000_000)) == .nothing)
        #expect(ending.gone(otherwise: Self.gone) == .ended(Self.gone))
    }

    @Test func whatHungIsNamedAndForHowLong() {
        var ending = ConnectionEnding(limits: Self.limits, at: Self.start)
        let before = Self.start + .seconds(59)
        #expect(ending.deadlineReached(at: before) == .nothing)
        let opening = LossCause.ownFault(
            detail: "no session within 60 s of the connection, though each step has a shorter limit")
        #expect(ending.deadlineReached(at: Self.start + .seconds(60)) == .close(opening))
        let closing = LossCause.ownFault(
            detail: "the connection was still there 5 s after it was closed (fault in mpushd: no session within 60 s "
                + "of the connection, though each step has a shorter limit)")
        #expect(ending.deadlineReached(at: Self.start + .seconds(65)) == .ended(closing))
    }

    /// The cause is what was found before, not a fault of ours.
    @Test func aCloseThatTheMachineSleptThroughGetsItsTimeAnew() {
        var ending = ConnectionEnding(limits: Self.limits, at: Self.start)
        _ = ending.causeFound(Self.error, at: Self.start)
        let awake = Self.start + .seconds(3600)
        #expect(ending.deadlineReached(at: awake) == .nothing)
        #expect(ending.nextDeadline == awake + .seconds(5))
        #expect(ending.gone(otherwise: Self.gone) == .ended(Self.error))
    }

    /// The steps have limits of their own, and what they do at the wake takes a moment.
    @Test(arguments: [1, 5, 3600]) func anOpeningThatTheMachineSleptThroughGetsItsTimeAnew(late: Int) {
        var ending = ConnectionEnding(limits: Self.limits, at: Self.start)
        let awake = Self.start + .seconds(60 + late)
        #expect(ending.deadlineReached(at: awake) == .nothing)
        #expect(ending.nextDeadline == awake + .seconds(60))
        #expect(ending.causeFound(Self.error, at: awake + .seconds(1)) == .close(Self.error))
        // It is the last resort after that, too.
        var hung = ConnectionEnding(limits: Self.limits, at: Self.start)
        _ = hung.deadlineReached(at: awake)
        guard case .close(.ownFault) = hung.deadlineReached(at: awake + .seconds(60)) else {
            Issue.record("it goes on for ever")
            return
        }
    }

    @Test func theLimitsAreLongerThanAllSteps() {
        var settings = TestSession.settings
        settings.requestRetries = 3
        let limits = ConnectionEnding.Limits(securing: .seconds(10), session: settings)
        #expect(limits.opening == .seconds(10 + 2 * 10 + 4 * 10 + 10))
        settings.requestRetries = -1
        #expect(ConnectionEnding.Limits(securing: .zero, session: settings).opening == .seconds(40))
    }
}

extension Instant {
    fileprivate static let distant = Instant.zero + .seconds(1_000_000_000)
}
