import MPushControl
import MPushIdentity
import MPushModel
import MPushPlatform
import MPushSimulator
import MPushSystemd
import MPushWire
import NIOCore
import Testing

@testable import MPushDaemon

/// The daemon, whole, against a simulated server: it connects, stays, loses the server and comes back.
@Suite struct ConnectionTests {
    @Test func connectsBindsReceivesAndAcknowledges() async throws {
        try await Workplace.run(Workplace()) { place in
            try await place.start(place.configuration(identity: "user = \"alice\"\ntags = [\"till\", \"north\"]"))
            let online = try await place.online()
            #expect(online.text.hasPrefix("online as alice at 127.0.0.1:\(place.port) (handshake in "))
            #expect(online.value(.tlsVersion) == "TLS 1.3")
            let address = try await place.onDaemon { daemon in
                daemon.parts?.fleet.runners.first?.report(at: daemon.services.timer.now).address
            }
            #expect(address == "127.0.0.1:\(place.port)")
            let connections = try await place.simulator.connections().get()
            #expect(connections.map(\.user) == ["alice"])
            #expect(connections.first?.tags.contains("north") == true)
            for flags: PacketFlags in [.autoAck, .bizAck, [.autoAck, .bizAck]] {
                let reports = try await place.simulator.push(ByteBuffer(string: "hello"), to: "alice", flags: flags)
                    .get()
                guard case .acknowledged? = reports.first?.outcome else {
                    Issue.record("\(reports)")
                    return
                }
            }
            #expect(place.collector.received == ["hello", "hello", "hello"])
            let status = try await place.onDaemon { $0.status }
            #expect(status.map(\.state) == [.online])
            #expect(status.first?.heartbeat == .seconds(180))
        }
    }

    @Test func largeAndCompressedAndEmptyMessagesArrive() async throws {
        try await Workplace.run(Workplace()) { place in
            try await place.start()
            try await place.online()
            let contents = ["", String(repeating: "compress me ", count: 5000), "\u{1F680} 推送"]
            for content in contents {
                let reports = try await place.simulator.push(ByteBuffer(string: content), to: "alice").get()
                guard case .acknowledged? = reports.first?.outcome else {
                    Issue.record("\(content.count): \(reports)")
                    return
                }
            }
            #expect(place.collector.received == contents)
        }
    }

    @Test func comesBackResumedAfterTheServerClosed() async throws {
        try await Workplace.run(Workplace()) { place in
            try await place.start()
            try await place.online()
            let (line, event) = (place.sink.count, try await place.simulator.eventCount().get())
            try await place.simulator.inject(.close, into: .present).get()
            let lost = try await place.sink.next(after: line) { $0.event == .connectionLost }
            #expect(lost.value(.cause) == "closed-by-peer")
            let online = try await place.online(after: line)
            #expect(online.value(.sessionResumed) == "yes")
            let secured = try await place.simulator.event(after: event) {
                if case .secured = $0.kind { true } else { false }
            }.get()
            #expect(secured.kind == .secured(version: "TLS 1.3", isResumed: true))
        }
    }

    @Test func fallsBackToTheHandshakeOnTheSameConnection() async throws {
        try await Workplace.run(Workplace()) { place in
            try await place.start()
            try await place.online()
            let line = place.sink.count
            try await place.simulator.inject(.expireSessions).get()
            try await place.simulator.inject(.reset, into: .present).get()
            let refused = try await place.sink.next(after: line) { $0.event == .resumeRefused }
            #expect(refused.text.contains("session expired"))
            let online = try await place.online(after: line)
            #expect(online.value(.sessionResumed) == "no")
            let statistics = try await place.simulator.statistics().get()
            #expect(statistics.connectionsEver == 2)
        }
    }

    /// The server has the type that the handshake told: FAST_CONNECT says nothing of it.
    @Test func anotherClientTypeIsToldAfterARestart() async throws {
        try await Workplace.run(Workplace()) { place in
            try await place.start()
            try await place.online()
            try await place.stop()
            let line = place.sink.count
            try await place.start(place.configuration(more: "[client]\nos_name = \"android\""))
            #expect(try await place.online(after: line).value(.sessionResumed) == "no")
        }
    }

    @Test func resumesTheSessionAfterARestart() async throws {
        try await Workplace.run(Workplace()) { place in
            try await place.start()
            try await place.online()
            try await place.stop()
            let line = place.sink.count
            try await place.start()
            #expect(try await place.online(after: line).value(.sessionResumed) == "yes")
        }
    }

    @Test func findsADeadLinkWithinItsBound() async throws {
        try await Workplace.run(Workplace()) { place in
            try await place.simulator.configure { $0.heartbeat = .seconds(2) ... .seconds(2) }.get()
            try await place.start(place.configuration(more: "[heartbeat]\nconfirm_timeout = \"1s\""))
            try await place.online()
            let line = place.sink.count
            try await place.simulator.inject(.sayNothing, into: .present).get()
            let missed = try await place.sink.next(after: line) { $0.event == .readMissed }
            #expect(missed.text.contains("asking the server"))
            let lost = try await place.sink.next(after: line) { $0.event == .connectionLost }
            #expect(lost.value(.cause) == "missed-reads")
            #expect(lost.value(.missedReads) == "2")
            // h - 1 s, then 1 s for each of two answers. (The text rounds down; a busy machine may add to it.)
            #expect(lost.text.contains(/2 in a row, (2\.\d|[345678](\.\d)?) s silent/), "\(lost.text)")
            try await place.online(after: line)
        }
    }

    @Test func stopsWithinTwoSeconds() async throws {
        try await Workplace.run(Workplace()) { place in
            try await place.start()
            try await place.online()
            #expect(try await place.stop() < .seconds(2))
            #expect(place.sink.records.last { $0.event == .connectionLost }?.value(.cause) == "local-stop")
        }
    }

    /// A line that is half written would be worse than a stop that takes its second.
    @Test func stopWaitsForWhatIsBeingTakenButNotForEver() async throws {
        let collector = MessageCollector(confirmsAtOnce: false)
        try await Workplace.run(Workplace(collector: collector)) { place in
            try await place.start()
            try await place.online()
            let line = place.sink.count
            let push = place.simulator.push(ByteBuffer(string: "hello"), to: "alice", flags: .autoAck)
            _ = try await place.sink.next(after: line) { $0.event == .messageReceived }
            let duration = try await place.stop()
            #expect(duration >= .seconds(1) && duration < .seconds(2))
            _ = try? await push.get()
        }
    }

    @Test func severalIdentitiesHaveConnectionsOfTheirOwn() async throws {
        try await Workplace.run(Workplace()) { place in
            let identities = "[[identity]]\nuser = \"alice\"\n[[identity]]\nuser = \"bob\"\n"
            try await place.start(place.configuration(identity: identities))
            _ = try await place.sink.next(after: 0) { $0.event == .online && $0.value(.user) == "alice" }
            let bob = try await place.sink.next(after: 0) { $0.event == .online && $0.value(.user) == "bob" }
            #expect(bob.text.hasPrefix("bob: online as bob"))
            let connections = try await place.simulator.connections().get()
            #expect(Set(connections.map(\.user)) == ["alice", "bob"])
            #expect(Set(connections.map(\.device)).count == 2)
        }
    }

    @Test func silenceOfOursIsNoMissedRead() async throws {
        let collector = MessageCollector(confirmsAtOnce: false)
        try await Workplace.run(Workplace(collector: collector)) { place in
            try await place.simulator.configure { $0.heartbeat = .seconds(2) ... .seconds(2) }.get()
            try await place.start(place.configuration(more: "[heartbeat]\nconfirm_timeout = \"1s\""))
            try await place.online()
            let flood = place.simulator.flood(ByteBuffer(string: "x"), to: "alice", count: 20_000, flags: .autoAck)
            // Reading has stopped long before all came; nothing is confirmed for longer than the bound of missed reads.
            let beats = try await place.simulator.eventCount().get()
            for _ in 0..<4 {
                let count = try await place.simulator.eventCount().get()
                _ = try await place.simulator.event(after: max(beats, count)) { $0.kind == .heartbeat }.get()
            }
            #expect(collector.received.count < 20_000)
            #expect(!place.sink.records.contains { $0.event == .readMissed || $0.event == .connectionLost })
            #expect(place.sink.records.contains { $0.text.contains("faster than they can be stored") })
            while collector.received.count < 20_000 { try await place.onDaemonLoop { collector.confirmAll() } }
            try await place.onDaemonLoop { collector.confirmAll() }
            let report = try await flood.get()
            #expect(report.acknowledged == 20_000)
        }
    }
}
