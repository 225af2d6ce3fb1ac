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

    @Test func aRouteThatWorksByHalvesDoesNotFillTheJournal() {
        var reporter = RouteReporter(route: "hook", log: Logger(sink: sink))
        for second in 0..<600 {
            reporter.failed("503", of: "m", next: nil, at: at(second))
            reporter.confirmed(at: at(second))
        }
        #expect(sink.records.count == 20)
    }

    @Test func aDeadLetterIsSaidEachTime() throws {
        let reporter = RouteReporter(route: "hook", log: Logger(sink: sink))
        reporter.buried("m1", attempts: 3, reason: "503")
        reporter.buried("m2", attempts: 1, reason: "404")
        #expect(
            sink.texts(.deadLetter) == [
                "route hook: message m1 goes to the dead letters after 3 attempts: 503",
                "route hook: message m2 goes to the dead letters: 404",
            ])
        #expect(try #require(sink.records.first).fields.contains(.route("hook")))
    }
}
