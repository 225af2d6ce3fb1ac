import MPushModel
import MPushSystemd
import Testing

@testable import MPushDelivery

/// What the journal hears of a route.
@Suite struct RouteReporterTests {
    private let sink = MemorySink()

    private func at(_ seconds: Int) -> Instant { .zero + .seconds(seconds) }

    @Test func aLongFailureIsSaidOnceAMinute() {
        var reporter = RouteReporter(route: "hook", log: Logger(sink: sink))
        for second in 0..<600 { reporter.failed("503", of: "m", next: .seconds(1), at: at(second)) }
        #expect(sink.texts(.routeFailing).count == 10)
        #expect(sink.texts(.routeFailing).first == "route hook: 503; again in 1 s")
        #expect(sink.texts(.routeFailing).last?.contains("541 failed attempts in 9 min, the last: 503") == true)
        reporter.confirmed(at: at(600))
        reporter.confirmed(at: at(601))
        #expect(sink.texts(.routeRecovered) == ["route hook works again, after 600 failed attempts in 10 min"])
    }

    @Test func whatARouteWaitsForIsSaidOnce() {
        var reporter = RouteReporter(route: "hook", log: Logger(sink: sink))
        for _ in 0..<720 { reporter.cannotOpen(InboxFailure(.diskFull, "inbox.db: no space")) }
        for _ in 0..<720 { reporter.cannotOpen(InboxFailure(.readOnly, "inbox.db: read-only")) }
        #expect(
            sink.records.map(\.text) == [
                "route hook waits for the inbox: inbox.db: no space",
                "route hook waits for the inbox: inbox.db: read-only",
            ])
    }

    @Test func aRouteThatWorksByHalvesDoesNotFillTheJournal() {
        var reporter = RouteReporter(route: "hook", log: Logger(sink: sink))
        for second in 0..<600 {
            reporter.failed("503", of: "m", next: nil, at: at(second))
            reporter.confirmed(at: at(second))
        }
        #expect(sink.records.count == 20)
    }

    @Test func anOutageIsSaidOnceAndItsEnd() {
        var reporter = RouteReporter(route: "hook", log: Logger(sink: sink))
        for minute in 0..<720 {
            reporter.attemptEnded(
                .unavailable("refused"), of: "m", attempt: 1, isBuried: false, isTargetDown: true, next: .seconds(60),
                at: at(minute * 60))
        }
        reporter.confirmed(at: at(720 * 60))
        #expect(
            sink.records.map(\.text) == [
                "route hook: its target is down: refused; messages wait for it, and it is tried again in 60 s, then less often",
                "route hook works again, after 720 failed attempts in 12 h",
            ])
        // One that comes and goes has a line a minute at most.
        for second in 0..<600 {
            reporter.attemptEnded(
                .unavailable("refused"), of: "m", attempt: 1, isBuried: false, isTargetDown: true, next: .seconds(1),
                at: at(50_000 + second))
            reporter.confirmed(at: at(50_000 + second))
        }
        #expect(sink.records.count == 22)
    }

    @Test func aDeadLetterIsSaidEachTimeWhileTheyAreFew() throws {
        var reporter = RouteReporter(route: "hook", log: Logger(sink: sink))
        reporter.buried("m1", attempts: 3, reason: "503", at: at(0))
        reporter.buried("m2", attempts: 1, reason: "404", at: at(0))
        #expect(
            sink.texts(.deadLetter) == [
                "route hook: message m1 became a dead letter after 3 attempts: 503",
                "route hook: message m2 became a dead letter: 404",
            ])
        #expect(try #require(sink.records.first).fields.contains(.route("hook")))
        #expect(reporter.deadline == nil)
    }

    /// A broken program refuses a hundred messages a second for ten minutes.
    @Test func manyDeadLettersAreAFewLinesAMinute() {
        var reporter = RouteReporter(route: "hook", log: Logger(sink: sink))
        for tenth in 0..<60_000 {
            let now = Instant.zero + .milliseconds(10 * tenth)
            if let deadline = reporter.deadline, deadline <= now { reporter.sayUnsaid(at: now) }
            reporter.buried("m\(tenth)", attempts: 1, reason: "404", at: now)
        }
        #expect(reporter.deadline == at(600))
        reporter.sayUnsaid(at: at(600))
        #expect(sink.texts(.deadLetter).count == 10 * RouteReporter.mostBuried)
        let summaries = sink.texts(of: .notice)
        #expect(summaries.count == 10)
        #expect(
            summaries.first == "route hook: 5990 more messages became dead letters in 60 s, the last: 404")
        #expect(reporter.deadline == nil)
    }

    /// Where nothing more happens, the route's timer says the rest.
    @Test func theRestIsSaidOnceByANewMinute() {
        var reporter = RouteReporter(route: "hook", log: Logger(sink: sink))
        for _ in 0..<12 { reporter.buried("m", attempts: 1, reason: "404", at: at(0)) }
        #expect(reporter.deadline == at(60))
        reporter.buried("m", attempts: 1, reason: "404", at: at(90))
        reporter.sayUnsaid(at: at(90))
        #expect(
            sink.texts(of: .notice) == ["route hook: 2 more messages became dead letters in 90 s, the last: 404"])
        #expect(sink.texts(.deadLetter).count == 11)
    }
}
