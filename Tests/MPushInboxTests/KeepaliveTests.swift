import Foundation
import MPushModel
import MPushPlatform
import MPushSession
import Testing

@testable import MPushInbox

/// What was learnt of networks, as it outlives the daemon.
@Suite struct KeepaliveTests {
    private static func stored(_ network: String, kept: Int?, forgotten: Int?, failures: Int = 0) -> StoredKeepalive {
        StoredKeepalive(
            network: network,
            KeepaliveEstimate(
                kept: kept.map { .seconds($0) }, forgotten: forgotten.map { .seconds($0) }, failures: failures,
                at: .zero)
        )
    }

    @Test func itOutlivesTheProcess() async throws {
        let home = Self.stored("192.0.2.0/24 via 192.0.2.1", kept: 58, forgotten: 62, failures: 3)
        let work = Self.stored("2001:db8::/64 via fe80::1", kept: 170, forgotten: nil)
        try await InboxBench.run { bench in
            try await bench.open()
            #expect(try await bench.keepalives() == [])
            try await bench.keep(Self.stored(home.network, kept: nil, forgotten: 90, failures: 1))
            try await bench.keep(work)
            try await bench.keep(home)
            try await bench.close()
            try await bench.open()
            #expect(try await bench.keepalives() == [work, home])
            let estimate = try #require(try await bench.keepalives().last).estimate(at: .zero)
            #expect((estimate.kept, estimate.forgotten, estimate.failures) == (.seconds(58), .seconds(62), 3))
        }
    }

    @Test func thoseThatWereUsedLastAreKept() async throws {
        try await InboxBench.run { bench in
            try await bench.open()
            for number in 0..<40 { try await bench.keep(Self.stored("net \(number)", kept: 60, forgotten: nil)) }
            try await bench.keep(Self.stored(String(repeating: "x", count: 129), kept: 60, forgotten: nil))
            #expect(try await bench.keepalives().map(\.network) == (8..<40).map { "net \($0)" })
        }
    }

    /// What stands in the file may be anything.
    @Test func whatCannotBeIsNotKnown() async throws {
        try await InboxBench.run { bench in
            let database = try Database(path: bench.file.path, in: MachineFiles())
            try Schema.migrate(database, from: 0, to: Schema.current)
            try database.execute(
                """
                INSERT INTO keepalive VALUES ('', 1, 1, 1, 1);
                INSERT INTO keepalive VALUES ('a', 9223372036854775807, -5, 99999999999, \(Int64.max));
                INSERT INTO keepalive VALUES ('b', 'x', x'00', 'y', 'z')
                """)
            database.close()
            try await bench.open()
            let readings = try await bench.keepalives().map { $0.estimate(at: .zero).reading }
            #expect(readings == Array(repeating: KeepaliveEstimate().reading, count: 2))
            try await bench.keep(Self.stored("c", kept: 60, forgotten: nil))
            #expect(try await bench.keepalives().contains { $0.network == "c" })
        }
    }
}

extension InboxBench {
    fileprivate func keepalives() async throws -> [StoredKeepalive] {
        try await ask { inbox, done in inbox.keepalives { done($0) } }
    }

    fileprivate func keep(_ keepalive: StoredKeepalive) async throws {
        let _: Bool = try await ask { inbox, done in
            inbox.keep(keepalive)
            done(true)
        }
    }
}
