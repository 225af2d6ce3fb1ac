import Foundation
import MPushCipher
import MPushSession
import MPushSystemd
import NIOCore
import Testing

@testable import MPushDaemon
@testable import MPushPlatform

/// Tickets in real files.
@Suite struct TicketStoreTests {
    private let directory: TemporaryDirectory
    private let key: RSAPublicKey
    private let sink = MemorySink()

    init() throws {
        directory = try TemporaryDirectory()
        key = try RSAPrivateKey.generate().publicKey
    }

    /// Lets `work` use a store on a loop, and waits until all is written.
    private func use(
        in path: String? = nil, key: RSAPublicKey? = nil, _ work: @escaping @Sendable (TicketStore) -> Void = { _ in }
    ) async throws -> SessionTicket? {
        let (sink, key, path) = (sink, key ?? self.key, path ?? directory.url.path)
        return try await LoopBench.run { (eventLoop, promise: EventLoopPromise<SessionTicket?>) in
            var store: TicketStore?
            let made = TicketStore(
                directory: path, identity: "alice", serverKey: key, log: Logger(sink: sink), worker: SerialWorker(),
                on: eventLoop
            ) { promise.succeed(store?.ticket) }
            store = made
            made.load()
            work(made)
            if made.isIdle { promise.succeed(made.ticket) }
        }
    }

    @Test func aTicketSurvivesARestart() async throws {
        let ticket = try #require(SessionTicket.sample())
        #expect(try await use { $0.keep(ticket) } == ticket)
        #expect(try await use() == ticket)
        #expect(try directory.names() == ["alice.ticket"])
        let mode = try FileManager.default.attributesOfItem(atPath: directory.path("alice.ticket"))[.posixPermissions]
        #expect(mode as? Int == 0o600)
        #expect(sink.records.isEmpty)
    }

    @Test func ofManyTheLastIsKept() async throws {
        let tickets = try (1...50 as ClosedRange<UInt8>).map { try #require(SessionTicket.sample($0)) }
        _ = try await use { store in for ticket in tickets { store.keep(ticket) } }
        #expect(try await use() == tickets.last)
        _ = try await use { store in
            for ticket in tickets {
                store.keep(nil)
                store.keep(ticket)
            }
            store.keep(nil)
        }
        #expect(try directory.names() == [])
        #expect(try await use() == nil)
    }

    @Test func anotherServersTicketIsLeftAlone() async throws {
        let ticket = try #require(SessionTicket.sample())
        _ = try await use { $0.keep(ticket) }
        let other = try RSAPrivateKey.generate().publicKey
        #expect(try await use(key: other) == nil)
        #expect(try await use() == ticket)
    }

    @Test func aTicketIsForgottenWithTheServersKey() async throws {
        let ticket = try #require(SessionTicket.sample())
        let other = try RSAPrivateKey.generate().publicKey
        _ = try await use { store in
            store.keep(ticket)
            store.serverKeyChanged(to: other)
        }
        #expect(try directory.names() == [])
        _ = try await use { store in
            store.keep(ticket)
            store.serverKeyChanged(to: other)
            store.keep(ticket)
        }
        #expect(try await use(key: other) == ticket)
    }

    @Test(arguments: [Array("nonsense".utf8), [], [UInt8](repeating: 0x61, count: 20_000)])
    func aDamagedTicketIsSetAside(content: [UInt8]) async throws {
        try directory.write("alice.ticket", content)
        #expect(try await use() == nil)
        #expect(try directory.names() == ["alice.ticket.damaged"])
        #expect(try directory.content("alice.ticket.damaged") == content)
        #expect(sink.records.map(\.event) == [.ticketDamaged])
        #expect(sink.records.first?.text.contains(directory.path("alice.ticket.damaged")) == true)
    }

    @Test func aDirectoryThatCannotBeWrittenIsComplainedOfOnce() async throws {
        let first = try #require(SessionTicket.sample(1))
        let second = try #require(SessionTicket.sample(2))
        try directory.write("file", [])
        _ = try await use(in: directory.path("file")) { store in
            store.keep(first)
            store.keep(second)
        }
        #expect(sink.records.map(\.event) == [.ticketNotStored])
        #expect(sink.records.first?.text.contains("not a directory") == true)
    }

    @Test func theOldTicketStaysWhereTheNewOneCannotBeWritten() async throws {
        let ticket = try #require(SessionTicket.sample(1))
        let other = try #require(SessionTicket.sample(2))
        _ = try await use { $0.keep(ticket) }
        try FileManager.default.createDirectory(
            atPath: directory.path("alice.ticket.new"), withIntermediateDirectories: true)
        _ = try await use { $0.keep(other) }
        #expect(sink.records.map(\.event) == [.ticketNotStored])
        #expect(try await use() == ticket)
    }
}
