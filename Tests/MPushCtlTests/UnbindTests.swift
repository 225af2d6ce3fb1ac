import MPushSimulator
import MPushTestSupport
import NIOCore
import Testing

/// `mpushctl unbind` against a server that counts what it is sent.
@Suite struct UnbindTests {
    private func binds(_ daemon: PlayedDaemon) async throws -> Int {
        try await daemon.simulator.statistics().get().binds
    }

    /// Loses the connection, and waits until the session goes on over another.
    private func reconnect(_ daemon: PlayedDaemon) async throws {
        let count = try await daemon.simulator.eventCount().get()
        try await daemon.simulator.inject(.close, into: .present).get()
        _ = try await daemon.simulator.event(after: count) {
            if case .resumed = $0.kind { true } else { false }
        }.get()
    }

    private func status(_ daemon: PlayedDaemon, has word: String) throws -> String {
        var output = ""
        for _ in 0..<400 where !output.contains(word) { output = try daemon.ctl("status", "--json").output }
        return output
    }

    @Test func outlivesAReconnectAndThrowsNobodyOut() async throws {
        try await PlayedDaemon.run { daemon in
            #expect(try await binds(daemon) == 1)
            #expect(try daemon.ctl("unbind").output == "alice: nobody is bound\n")
            for _ in 0..<2 {
                try await reconnect(daemon)
                let status = try status(daemon, has: "\"unbound\"")
                #expect(status.contains("\"state\":\"unbound\""), "\(status)")
                #expect(!status.contains("\"user\":\"alice\"") && !status.contains("online_seconds"), "\(status)")
            }
            #expect(try await daemon.simulator.connections().get().map(\.user) == [nil])
            #expect(try daemon.ctl("push", "--ack", "upstream").status == 0)
            #expect(try daemon.ctl("http", "http://example.com/a").status == 0)
            #expect(try daemon.ctl("status").output.contains("connected, unbound for"))
            #expect(try daemon.ctl("reload").status == 0)
            #expect(try await binds(daemon) == 1)

            #expect(try daemon.ctl("bind").output == "alice: alice is bound\n")
            #expect(try await binds(daemon) == 2)
            try await reconnect(daemon)
            #expect(try status(daemon, has: "\"online\"").contains("\"user\":\"alice\""))
            #expect(try await binds(daemon) == 3)
        }
    }
}
