import MPushModel
import Testing

@testable import MPushSupervision

@Suite struct FleetDigestTests {
    private let start = Instant.zero + .seconds(1000)

    private func place(_ host: String) throws -> Endpoint { try Endpoint(parsing: "\(host):3443") }

    /// Three lines each were 6,000; now there are as many as for a few identities, and one that says how many more.
    @Test func thousandsThatLoseOneServerBecomeAFewLines() throws {
        var digest = FleetDigest()
        let server = try place("push.example.com")
        let lines: [FleetDigest.Line] = [
            .init(.connectionLost, cause: "reset", level: .warning),
            .init(.attemptFailed, cause: "connect", level: .warning), .init(.online, cause: nil, level: .notice),
        ]
        var written = 0
        for line in lines {
            for _ in 0..<2000 where digest.admits(line, about: server, at: start) { written += 1 }
        }
        #expect(written == 3 * FleetDigest.mostWritten)
        let end = try #require(digest.nextDeadline)
        #expect(end - start == .seconds(60))
        let early = digest.deadlineReached(at: end + .seconds(-1))
        #expect(early == [])
        let summaries = digest.deadlineReached(at: end)
        #expect(summaries.map(\.place) == [server])
        #expect(summaries.map(\.total) == [6000 - written])
        #expect(summaries.first?.counts[lines[0]] == 2000 - FleetDigest.mostWritten)
        #expect(digest.nextDeadline == nil)
    }

    /// What was not written would not have been a warning.
    @Test func aSummaryHasTheLevelOfItsLines() throws {
        for levels in [[LogLevel.info], [.info, .notice], [.info, .warning, .notice]] {
            var digest = FleetDigest()
            for level in levels {
                for _ in 0...FleetDigest.mostWritten {
                    _ = digest.admits(.init(.connectionLost, cause: nil, level: level), about: nil, at: start)
                }
            }
            #expect(digest.deadlineReached(at: start + .seconds(60)).map(\.level) == [try #require(levels.max())])
        }
    }

    @Test func aFewAreWrittenEachMinute() throws {
        var digest = FleetDigest()
        let line = FleetDigest.Line(.connectionLost, cause: "reset", level: .warning)
        for minute in 0..<5 {
            for _ in 0..<FleetDigest.mostWritten {
                #expect(digest.admits(line, about: nil, at: start + .seconds(60 * minute)) == true)
            }
        }
        #expect(digest.nextDeadline == nil)
    }

    @Test func serversAreToldApartAndThoseOfAFloodAreNot() throws {
        var digest = FleetDigest()
        let line = FleetDigest.Line(.attemptFailed, cause: "connect", level: .warning)
        for _ in 0...FleetDigest.mostWritten { _ = digest.admits(line, about: try place("a.example"), at: start) }
        let other = digest.admits(line, about: try place("b.example"), at: start)
        #expect(other)
        var written = 0
        for number in 0..<10_000 where digest.admits(line, about: try place("h\(number).example"), at: start) {
            written += 1
        }
        #expect(written < 100)
        let left = digest.deadlineReached(at: start + .seconds(60)).reduce(0) { $0 + $1.total }
        #expect(left == 10_001 - written)
    }
}
