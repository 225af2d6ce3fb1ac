import Foundation
import MPushFuzzing
import MPushModel
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

    @Test func theSeedsOfTheInboxAreReadOrSetAside() throws {
        for seed in try InboxSeeds.all() {
            let summary = try InboxFile.run(seed.bytes)
            // An empty file is what a first start leaves that was cut short: nothing shows that there was an inbox.
            let isInbox = ["whole", "odd-cells", "free-pages", "version-1", "empty"].contains(seed.name)
            #expect(summary.isSetAside != isInbox, "\(seed.name)")
            guard seed.name == "whole" else { continue }
            #expect(summary.messages == 5 && summary.deadLetters == 1 && summary.tickets == 1)
        }
    }

    /// A fuzzer for when there is none: bytes turned, cut and moved at random, from one seed. MUTATIONS says how often.
    @Test func noDamageToAnInboxBreaksARule() throws {
        let count = ProcessInfo.processInfo.environment["MUTATIONS"].flatMap { Int($0) } ?? 200
        var random = SplitMix64(seed: UInt64(count))
        let seeds = try InboxSeeds.all().filter { $0.bytes.count > 2048 }
        for round in 0..<count {
            let seed = seeds[Int.random(in: 0..<seeds.count, using: &random)]
            var bytes = seed.bytes
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                let place = Int.random(in: 0..<bytes.count - 512, using: &random)
                switch Int.random(in: 0..<6, using: &random) {
                case 0: bytes.replaceSubrange(place..<place + 8, with: repeatElement(0x7F, count: 8))
                case 1: bytes.replaceSubrange(place..<place + 4, with: repeatElement(0xFF, count: 4))
                case 2:
                    let from = Int.random(in: 0..<bytes.count - 64, using: &random)
                    bytes.replaceSubrange(place..<place + 64, with: Array(bytes[from..<from + 64]))
                case 3 where round % 8 == 0: bytes.removeLast(min(place, bytes.count - 1024))
                // The heads of pages, where the shape of the tree stands.
                case 4:
                    bytes[place & ~511 + Int.random(in: 0..<12, using: &random)] = UInt8.random(
                        in: 0...255, using: &random)
                default: bytes[place] = UInt8.random(in: 0...255, using: &random)
                }
            }
            #expect(throws: Never.self, "\(seed.name), round \(round)") { try InboxFile.run(bytes) }
        }
    }

    @Test func theSeedsOfAnswersAndRequestsComeThrough() throws {
        func seed(_ name: String, of seeds: [Seed]) throws -> [UInt8] {
            try #require(seeds.first { $0.name == name }).bytes
        }
        let chunked = try HTTPAnswerBytes.run(seed("chunked", of: HTTPSeeds.answers()))
        #expect(chunked.status == 200 && chunked.body == Array("Wikipedia".utf8))
        let flood = try HTTPAnswerBytes.run(seed("flood-of-body", of: HTTPSeeds.answers()))
        #expect(flood.failure == "its answer is longer than 4096 bytes")
        let fields = try HTTPAnswerBytes.run(seed("flood-of-fields", of: HTTPSeeds.answers()))
        #expect(fields.failure?.contains("200 fields") == true)
        let servers = try AllocatorBytes.run(seed("two", of: HTTPSeeds.allocators()))
        #expect(servers == ["192.0.2.7:3000", "push.example.com:3443"])
        #expect(try AllocatorBytes.run(seed("many", of: HTTPSeeds.allocators())).count == 64)
        #expect(try APIRequestBytes.run(seed("two-cut", of: HTTPSeeds.requests())) == [503, 200])
        #expect(try APIRequestBytes.run(seed("chunked", of: HTTPSeeds.requests())) == [200])
        #expect(try APIRequestBytes.run(seed("not-http", of: HTTPSeeds.requests())) == [400])
    }

    @Test(.enabled(if: isWriting, "WRITE_SEEDS=1 writes the seeds")) func writeSeeds() throws {
        for (target, seeds) in Seed.all {
            for seed in try seeds() {
                try Data(seed.bytes).write(to: Corpus.folder(target).appending(path: "seed-\(seed.name)"))
            }
        }
    }
}
