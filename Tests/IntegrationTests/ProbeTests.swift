import Foundation
import MPushControl
import MPushIdentity
import MPushLocalAPI
import MPushModel
import MPushSystemd
import NIOCore
import Testing

@testable import MPushDaemon

/// What probes and Prometheus are told.
@Suite struct ProbeTests {
    private static let two = "[[identity]]\nuser = \"alice\"\n[[identity]]\nuser = \"bob\""

    private func ready(_ place: Workplace, _ identity: String? = nil) async throws -> HealthReport {
        try await place.onDaemon { daemon in
            var question = HealthQuestion()
            (question.identity, question.isVerbose) = (identity, true)
            var answer: Result<HealthReport, Problem>?
            daemon.service?.health(question) { answer = $0 }
            return try #require(try answer?.get())
        }
    }

    private func metrics(_ place: Workplace) async throws -> [Substring] {
        try await place.onDaemon { $0.service?.metricsText.split(separator: "\n") ?? [] }
    }

    @Test func readinessIsOfTheIdentityThatIsAskedAbout() async throws {
        try await Workplace.run(Workplace()) { place in
            try await place.start(place.configuration(identity: Self.two))
            _ = try await place.sink.next(after: 0) { $0.event == .online && $0.text.contains("alice") }
            _ = try await place.sink.next(after: 0) { $0.event == .online && $0.text.contains("bob") }
            #expect(try await ready(place).isHealthy)
            try await place.onDaemon { $0.parts?.fleet.runner("bob")?.pause() }
            #expect(try await !ready(place).isHealthy)
            #expect(try await ready(place, "alice").isHealthy)
            let checks = try #require(try await ready(place, "bob").checks)
            #expect(checks.map(\.name) == ["inbox", "identity bob"])
            #expect(checks.map(\.isGood) == [true, false])
            await #expect(throws: Problem.self) { try await ready(place, "carol") }
        }
    }

    /// The whole way: the loop goes round, and the inbox's thread comes to the question.
    @Test func aDaemonThatWorksIsLive() async throws {
        try await Workplace.run(Workplace()) { place in
            try await place.start()
            try await place.online()
            let report = try await place.onDaemon { daemon in
                let promise = place.group.any().makePromise(of: LiveReport.self)
                daemon.service?.live(NoQuery()) { promise.completeWith($0.mapError { $0 as any Error }) }
                return promise.futureResult
            }.get()
            #expect(report == LiveReport(stuck: nil))
        }
    }

    @Test func seriesOfEachIdentityCanBeLeftOut() async throws {
        try await Workplace.run(Workplace()) { place in
            let text = place.configuration(identity: Self.two)
            try await place.start(text)
            _ = try await place.sink.next(after: 0) { $0.event == .online && $0.text.contains("alice") }
            _ = try await place.sink.next(after: 0) { $0.event == .online && $0.text.contains("bob") }
            var lines = try await metrics(place)
            #expect(lines.contains("mpush_identities{state=\"online\"} 2"))
            #expect(lines.contains("mpush_connections_total{identity=\"bob\"} 1"))
            #expect(lines.contains { $0.hasPrefix("process_resident_memory_bytes ") })
            #expect(lines.contains { $0.hasPrefix("process_open_fds ") })
            #expect(lines.contains { $0.hasPrefix("process_cpu_seconds_total ") })
            try place.write(text + "\n[metrics]\nper_identity = false")
            try await place.onDaemon { try $0.reload() }
            lines = try await metrics(place)
            #expect(lines.contains("mpush_connections_total 2"))
            #expect(lines.contains("mpush_longest_outage_seconds 0.0"))
            #expect(!lines.contains { $0.contains("identity=") })
        }
    }

    /// Prometheus takes a counter that falls for one that began anew.
    @Test func aSumDoesNotFallWhereAnIdentityGoes() async throws {
        try await Workplace.run(Workplace()) { place in
            let more = "[metrics]\nper_identity = false"
            let alice = "[[identity]]\nuser = \"alice\"\ndevice_id = \"the-same\"\n"
            try await place.start(
                place.configuration(identity: alice + "[[identity]]\nuser = \"bob\"", more: more))
            _ = try await place.sink.next(after: 0) { $0.event == .online && $0.text.contains("alice") }
            _ = try await place.sink.next(after: 0) { $0.event == .online && $0.text.contains("bob") }
            let line = place.sink.count
            try place.write(place.configuration(identity: alice, more: more))
            try await place.onDaemon { try $0.reload() }
            _ = try await place.sink.next(after: line) { $0.event == .connectionLost }
            // It has gone for good some turns of the loop later.
            for _ in 0..<20 { #expect(try await metrics(place).contains("mpush_connections_total 2")) }
        }
    }
}
