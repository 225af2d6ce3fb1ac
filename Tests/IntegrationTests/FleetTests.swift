import MPushControl
import MPushModel
import MPushPlatform
import MPushSimulator
import MPushSupervision
import MPushSystemd
import NIOCore
import Testing

@testable import MPushDaemon
@testable import MPushIdentity
@testable import MPushLocalAPI

/// Many identities in one daemon: the work follows what changed, not how many there are.
@Suite struct FleetTests {
    private static let count = 300

    private static func many(_ place: Workplace) -> String {
        let identities = (0..<count).map { "[[identity]]\nname = \"i\($0)\"\nuser = \"u\($0)\"\n" }.joined()
        return place.configuration(endpoints: ["127.0.0.1:1"], identity: identities)
    }

    /// Each change of a stop looked at all identities: the stop of 10,000 took 13 s.
    @Test func aStopLooksAtEachIdentityAFewTimes() async throws {
        try await Workplace.run(Workplace()) { place in
            try await place.start(Self.many(place))
            _ = try await place.sink.next(after: 0) { $0.event == .attemptFailed }
            let (fleet, before) = try await place.onDaemon { daemon in
                let fleet = try #require(daemon.parts?.fleet)
                return (NIOLoopBound(fleet, eventLoop: daemon.services.eventLoop), fleet.summary.steps)
            }
            try await place.stop()
            let after = try await fleet.eventLoop.submit { fleet.value.summary.steps }.get()
            #expect(after - before <= 10 * Self.count)
            #expect(after - before >= Self.count)
        }
    }

    /// What stands before a server takes connections while it is away, and each attempt is in vain. Its sessions are whole.
    @Test func everySessionGoesOnAfterAServerWasAwayForManyAttempts() async throws {
        let count = 40
        try await Workplace.run(Workplace()) { place in
            let identities = (0..<count).map { "[[identity]]\nname = \"i\($0)\"\nuser = \"u\($0)\"\n" }.joined()
            try await place.start(
                place.configuration(identity: identities, more: "[timeouts]\nhandshake = \"1s\""))
            func isTrueOfAll(_ condition: @escaping @Sendable (IdentityRunner) -> Bool) async throws -> Bool {
                try await place.onDaemon { $0.parts?.fleet.runners.allSatisfy(condition) ?? false }
            }
            while try await !isTrueOfAll({ $0.status.isBound }) {}
            try await place.simulator.inject(.sayNothing, into: .everyone).get()
            try await place.simulator.inject(.reset, into: .present).get()
            while try await !isTrueOfAll({ $0.supervisor.failedAttempts >= 5 }) {}
            try await place.simulator.lift(.sayNothing).get()
            while try await !isTrueOfAll({ $0.status.isBound }) {}
            #expect(try await isTrueOfAll { $0.report(at: MachineClock().now).isResumed == true })
        }
    }

    /// What 300 have to say of one server that is not there is said by ten, and counted; each is an event all the same.
    @Test func linesAboutOneServerAreFewHoweverManyIdentitiesThereAre() async throws {
        try await Workplace.run(Workplace()) { place in
            try await place.start(Self.many(place))
            let ring = try await place.onDaemon { NIOLoopBound($0.events, eventLoop: $0.services.eventLoop) }
            while try await ring.eventLoop.submit({ ring.value.last }).get() < Self.count {}
            try await place.stop()
            let lines = place.sink.records.filter { $0.event == .attemptFailed }
            #expect(lines.count == 10)
            let summary = try await place.sink.next(after: 0) { $0.text.contains("more lines about 127.0.0.1:1") }
            #expect(summary.text.contains("attempt-failed (connect)"), "\(summary.text)")
        }
    }
}
