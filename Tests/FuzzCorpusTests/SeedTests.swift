import Foundation
import MPushFuzzing
import Testing

/// The seeds come as far as they were made to come. With WRITE_SEEDS=1 in the environment they are written to the corpus.
@Suite struct SeedTests {
    private static let isWriting = ProcessInfo.processInfo.environment["WRITE_SEEDS"] == "1"

    @Test func theCapturedSessionsComeOnline() throws {
        let captures = try SessionSeeds.all().filter { $0.name.hasPrefix("session_") }
        let summaries = try captures.map { try SessionScript.run($0.bytes) }
        #expect(summaries.count(where: \.wasOnline) == 5)
        let delivered = summaries.reduce(0) { $0 + $1.deliveredMessages }
        #expect(delivered > 5)
    }

    @Test func everyPushOfThePacketsIsDelivered() throws {
        for seed in try SessionSeeds.all() where seed.name.hasPrefix("packet-push_") {
            let summary = try SessionScript.run(seed.bytes)
            #expect(summary.deliveredMessages == 2, "\(seed.name)")
        }
    }

    @Test func everyAnswerOfThePacketsEndsTheRequest() throws {
        for seed in try SessionSeeds.all() where seed.name.hasPrefix("packet-http_response") {
            let summary = try SessionScript.run(seed.bytes)
            #expect(summary.endedRequests == 1, "\(seed.name)")
        }
    }

    @Test func theSeedOfRoutingComesThrough() throws {
        let seed = try #require(RoutingSeeds.all().first { $0.name == "everything" })
        let summary = try RoutingText.run(seed.bytes)
        #expect(summary.isJSON && summary.isFound && summary.isExpanded && summary.hasField)
    }

    @Test(.enabled(if: isWriting, "WRITE_SEEDS=1 writes the seeds")) func writeSeeds() throws {
        for (target, seeds) in Seed.all {
            for seed in try seeds() {
                try Data(seed.bytes).write(to: Corpus.folder(target).appending(path: "seed-\(seed.name)"))
            }
        }
    }
}
