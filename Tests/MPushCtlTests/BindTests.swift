import MPushControl
import MPushJSON
import MPushModel
import MPushSimulator
import MPushTestSupport
import MPushWire
import NIOCore
import Testing

/// `mpushctl bind` and `tags` against a server that does what the real one does.
@Suite struct BindTests {
    private func identity(_ daemon: PlayedDaemon) throws -> IdentityReport {
        let json = try JSONParser.parse(try daemon.ctl("status", "--json").output)
        return try #require(try DaemonStatus(json: json).identities.first)
    }

    private func wait(_ daemon: PlayedDaemon, until isSo: (IdentityReport) -> Bool) throws -> IdentityReport {
        var report = try identity(daemon)
        for _ in 0..<400 where !isSo(report) { report = try identity(daemon) }
        return report
    }

    private func users(_ daemon: PlayedDaemon) throws -> [String] {
        let page = try MessagePage(json: try JSONParser.parse(try daemon.curl("/v1/messages").output))
        return page.messages.map(\.user)
    }

    @Test func aMessageIsForTheUserThatWasBoundWhenItCame() async throws {
        try await PlayedDaemon.run { daemon in
            try await daemon.push("one")
            #expect(try daemon.ctl("bind", "bob", "--tag", "q").output == "alice: bob is bound with tags q\n")
            #expect(try identity(daemon).boundUser == "bob")
            _ = try await daemon.simulator.push(ByteBuffer(string: "two"), to: "bob", flags: .autoAck).get()
            #expect(try daemon.ctl("bind", "carol").output == "alice: carol is bound\n")
            #expect(try daemon.ctl("tags", "x", "y").output == "alice: carol is bound with tags x, y\n")
            #expect(Set(try users(daemon)) == ["alice", "bob"])
            #expect(try daemon.ctl("reload").status == 0)
            #expect(try wait(daemon) { $0.boundUser == "alice" }.boundTags == [])
        }
    }

    @Test func aUserThatIsRefusedIsDroppedAndTheConfiguredOneIsBack() async throws {
        try await PlayedDaemon.run { daemon in
            let refused = try daemon.ctl("bind", "mallory")
            #expect(refused.status == 65)
            #expect(refused.complaint.contains("refused: bind failed (code 0)"), "\(refused.complaint)")
            #expect(refused.complaint.contains("alice is to be bound now"), "\(refused.complaint)")
            let report = try wait(daemon) { $0.state == .online }
            #expect(report.boundUser == "alice")
            #expect(report.wishedUser == "alice")
            #expect(report.lastLoss?.cause == "bind")
        }
    }

    @Test func withoutAConnectionItHoldsFromTheNextOneOn() async throws {
        try await PlayedDaemon.run { daemon in
            #expect(try daemon.ctl("pause").status == 0)
            #expect(
                try daemon.ctl("bind", "bob").output
                    == "alice: bob is bound from the next connection on; there is none now\n")
            let paused = try wait(daemon) { $0.state == .paused }
            #expect(paused.boundUser == nil)
            #expect(paused.wishedUser == "bob")
            #expect(try daemon.ctl("resume").status == 0)
            #expect(try wait(daemon) { $0.boundUser != nil }.boundUser == "bob")
            #expect(try daemon.ctl("unbind").status == 0)
            let tags = try daemon.ctl("tags", "x")
            #expect(tags.complaint.contains("unbound"), "\(tags.complaint)")
            #expect(
                try daemon.curl("/v1/tags", "-X", "PUT", "--json", #"{"identity":"alice","tags":["x"]}"#).status == 409)
            #expect(try identity(daemon).wishedUser == nil)
        }
    }
}
