import Foundation
import MPushConfiguration
import MPushModel
import MPushSession
import MPushTestSupport
import NIOCore
import Testing

@testable import MPushInbox

/// What goes in comes out, once, and is there after a restart.
@Suite struct StoringTests {
    /// As at a stop with a slow disk: the close is behind what waits, in one breath.
    @Test func whatWaitsIsWrittenBeforeTheClose() async throws {
        try await InboxBench.run { bench in
            for round in 1...20 {
                try await bench.open()
                let outcomes = try await bench.ask { (inbox, done: @escaping ([Bool]) -> Void) in
                    var stored: [Bool] = []
                    for number in 0..<20 {
                        let message = NewMessage(
                            identity: "home", user: "alice", received: .now,
                            content: ByteBuffer(string: "\(round) \(number)"), awaitsConsumer: false)
                        inbox.store([message]) { outcomes in
                            stored += outcomes.map { if case .stored = $0 { true } else { false } }
                        }
                    }
                    inbox.close { done(stored) }
                }
                #expect(outcomes == Array(repeating: true, count: 20))
                #expect(bench.news.isEmpty)
            }
            try await bench.open()
            #expect(try await bench.status().messages == 400)
        }
    }

    @Test func keepsWhatItIsGivenOverARestart() async throws {
        try await InboxBench.run { bench in
            try await bench.open()
            let outcomes = try await bench.store([#"{"msgId":"a1","msgType":2,"content":"x"}"#, "plain", ""])
            let stored = outcomes.compactMap(\.message)
            #expect(stored.map(\.position.rawValue) == [1, 2, 3])
            #expect(stored[0].id == "a1")
            #expect(stored[0].type == 2)
            #expect(stored[1].type == nil)
            #expect(stored[1].id.hasSuffix("-2"))
            try await bench.close()
            try await bench.open()
            #expect(try await bench.messages() == stored)
            let more = try await bench.store(["later"])
            #expect(more[0].message?.position.rawValue == 4)
        }
    }

    @Test func filesAreTheirOwnersAlone() async throws {
        try await InboxBench.run { bench in
            try await bench.open()
            _ = try await bench.store(["x"])
            let mode = try FileManager.default.attributesOfItem(atPath: bench.file.path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
    }

    /// A copy of the files, made while the inbox is at work, is what a killed process leaves behind.
    @Test func whatWasAnsweredIsOnTheDisk() async throws {
        try await InboxBench.run { bench in
            try await bench.open()
            for number in 0..<20 { _ = try await bench.store(["message \(number)"]) }
            let copy = bench.directory.appending(path: "copy")
            try FileManager.default.createDirectory(at: copy, withIntermediateDirectories: true)
            for name in ["inbox.db", "inbox.db-wal"] {
                try FileManager.default.copyItem(
                    at: bench.directory.appending(path: name), to: copy.appending(path: name))
            }
            let after = try InboxBench(at: copy)
            try await after.open()
            #expect(try await after.messages().map { String(buffer: $0.content) } == (0..<20).map { "message \($0)" })
            try await after.close()
        }
    }

    @Test func theSameMessageIsStoredOnce() async throws {
        try await InboxBench.run { bench in
            try await bench.open()
            let content = #"{"msgId":"a1","content":"x"}"#
            let first = try await bench.store([content, content])
            #expect(first[0].message?.id == "a1")
            #expect(first[1] == .duplicate(of: MessagePosition(rawValue: 1), isConsumed: false))
            try await bench.close()
            try await bench.open()
            #expect(
                try await bench.store([content])
                    == [.duplicate(of: MessagePosition(rawValue: 1), isConsumed: false)])
            // Another identity's message of the same id is another message.
            #expect(try await bench.store([content], identity: "work")[0].message != nil)
            #expect(try await bench.status().duplicates == 1)
        }
    }

    @Test func duplicatesHaveTheirWindows() async throws {
        try await InboxBench.run { bench in
            var settings = InboxSettings()
            settings.duplicateWindow = .seconds(60)
            settings.digestWindow = .seconds(10)
            try await bench.open(settings)
            let id = #"{"msgId":7}"#
            _ = try await bench.store([id])
            bench.clock.advance(by: .seconds(61))
            #expect(try await bench.store([id])[0].message?.id == "7")
            _ = try await bench.store(["text"])
            bench.clock.advance(by: .seconds(11))
            #expect(try await bench.store(["text"])[0].message != nil)
            #expect(try await bench.store(["text"])[0].message == nil)
        }
    }

    @Test func withoutWindowsEveryMessageIsNew() async throws {
        try await InboxBench.run { bench in
            var settings = InboxSettings()
            settings.duplicateWindow = .zero
            settings.digestWindow = .zero
            try await bench.open(settings)
            #expect(try await bench.store(["x", "x"]).allSatisfy { $0.message != nil })
            #expect(try await bench.store([#"{"msgId":"x"}"#, #"{"msgId":"x"}"#]).allSatisfy { $0.message != nil })
        }
    }

    @Test func aDuplicateOfWhatWasConsumedIsKnown() async throws {
        try await InboxBench.run { bench in
            try await bench.open()
            let route = ConsumerName.route("r")
            _ = try await bench.consumer(route)
            let content = #"{"msgId":"a1"}"#
            _ = try await bench.store([content], awaits: true)
            try await bench.record([.consumed(MessagePosition(rawValue: 1))], of: route)
            #expect(
                try await bench.store([content], awaits: true)
                    == [.duplicate(of: MessagePosition(rawValue: 1), isConsumed: true)])
        }
    }

    @Test func whatWaitsTogetherSharesATransaction() async throws {
        try await InboxBench.run { bench in
            try await bench.open()
            let loop = bench.loop
            let done: [EventLoopFuture<Int>] = try await bench.ask { inbox, done in
                done(
                    (0..<50).map { number in
                        let promise = loop.makePromise(of: Int.self)
                        let message = NewMessage(
                            identity: "home", user: "alice", received: .now, content: ByteBuffer(string: "m\(number)"),
                            awaitsConsumer: false)
                        inbox.store([message]) { promise.succeed($0.count) }
                        return promise.futureResult
                    })
            }
            for future in done { #expect(try await future.get() == 1) }
            #expect(try await bench.messages().count == 50)
        }
    }

    @Test func ticketsSurvive() async throws {
        try await InboxBench.run { bench in
            #expect(try await bench.open().isEmpty)
            let keys = try #require(
                CipherKeys(
                    key: SecretBytes([UInt8](repeating: 1, count: 16)),
                    iv: SecretBytes([UInt8](repeating: 2, count: 16))))
            let ticket = StoredTicket(
                identity: "home", serverKey: "print",
                ticket: SessionTicket(
                    sessionID: SecretBytes(Array("s1".utf8)), keys: keys, deviceID: "d",
                    client: "linux\n6.1\n1.0", expires: WallTime(millisecondsSince1970: 5)))
            let failure: InboxFailure? = try await bench.ask { inbox, done in
                inbox.keepTicket(ticket, of: "home") { done($0) }
            }
            #expect(failure == nil)
            try await bench.close()
            #expect(try await bench.open() == [ticket])
            let gone: InboxFailure? = try await bench.ask { inbox, done in
                inbox.keepTicket(nil, of: "home") { done($0) }
            }
            #expect(gone == nil)
            try await bench.close()
            #expect(try await bench.open().isEmpty)
        }
    }

    @Test func aSecondInboxOnTheSameFilesIsRefusedInWords() async throws {
        try await InboxBench.run { bench in
            try await bench.open()
            _ = try await bench.store(["x"])
            let second = try InboxBench(at: bench.directory)
            try await second.open()
            guard case .failed(let failure) = try await second.store(["y"])[0] else {
                Issue.record("stored by two")
                return
            }
            #expect(failure.kind == .busy)
            #expect(failure.detail.contains("inbox.db"))
            try await second.close()
        }
    }
}
