import Foundation
import MPushCause
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

    @Test func theChainsAreJudgedAsTheyAreMeant() throws {
        var failures: [String: String] = [:]
        for seed in try CertificateChainSeeds.all() {
            let summary = try CertificateChainInput.run(seed.bytes)
            #expect(summary.isJudged, "\(seed.name)")
            failures[seed.name] = summary.failure?.code ?? "good"
        }
        let forged = failures.filter { $0.key.hasPrefix("forged-") }
        #expect(forged.count == 7)
        #expect(forged.values.allSatisfy { $0 != "good" })
        #expect(
            failures.filter { !$0.key.hasPrefix("forged-") } == [
                "good": "good", "good-address": "good", "wrong-host": "wrong-host", "wildcard": "good",
                "no-names": "wrong-host", "unknown": "unknown-authority", "lists": "good", "both-trusted": "good",
                "revoked": "revoked", "revoked-by-delta": "revoked", "constrained": "bad-certificate",
            ])
    }

    @Test func thePEMFilesAreWhatTheyAreMeantToBe() throws {
        let seeds = Dictionary(uniqueKeysWithValues: try PEMFileSeeds.all().map { ($0.name, $0.bytes) })
        func summary(_ name: String) throws -> PEMFileText.Summary { try PEMFileText.run(seeds[name] ?? []) }
        #expect(try summary("authority").isAuthorities && summary("ended").isAuthorities)
        #expect(try summary("identity").isIdentity && summary("key-first").isIdentity)
        #expect(try summary("list").isRevocationLists && summary("lists").isRevocationLists)
        #expect(try summary("byte-order-mark").isAuthorities && !summary("indented").isAuthorities)
        #expect(try summary("trusted").isNothing)
        #expect(try summary("empty").isNothing)
    }

    @Test func theSeedsOfKeysAreWhatTheyAreCalled() throws {
        let summaries = try KeySeeds.all().map { ($0.name, try KeyFileText.run($0.bytes)) }
        let publicKeys = summaries.filter(\.1.isPublicKey).map(\.0)
        #expect(Set(publicKeys) == ["base64", "pem", "crlf", "byte-order-mark", "base64-2048"])
        #expect(Set(summaries.filter(\.1.isPrivateKey).map(\.0)) == ["private-key", "private-key-base64"])
    }

    @Test(.enabled(if: isWriting, "WRITE_SEEDS=1 writes the seeds")) func writeSeeds() throws {
        for (target, seeds) in Seed.all {
            for seed in try seeds() {
                try Data(seed.bytes).write(to: Corpus.folder(target).appending(path: "seed-\(seed.name)"))
            }
        }
    }
}
