import Foundation
import MPushDaemon
import MPushIdentity
import MPushModel
import MPushSimulator
import MPushSystemd
import NIOCore
import Testing

/// What a server can do wrong, and what the daemon makes of it: each end has its cause, and the daemon comes back.
@Suite struct FaultTests {
    @Test(arguments: [
        (SimulatorFault.close, "closed-by-peer"), (.reset, "reset"), (.cutFrame(.close), "closed-by-peer"),
        (.sendRubbish, "protocol-error"), (.sendOversizeLength, "protocol-error"),
        (.sendBadCiphertext, "protocol-error"),
    ])
    func endsWithItsCauseAndComesBack(fault: SimulatorFault, cause: String) async throws {
        try await Workplace.run(Workplace()) { place in
            try await place.start()
            try await place.online()
            let line = place.sink.count
            try await place.simulator.inject(fault, into: .present).get()
            let lost = try await place.sink.next(after: line) { $0.event == .connectionLost }
            #expect(lost.value(.cause) == cause)
            try await place.online(after: line)
        }
    }

    /// It is not acknowledged, the journal names the key, and what comes after it is taken over the same connection.
    @Test(arguments: [true, false])
    func aMessageThatIsTooLongCostsItselfAlone(isCompressed: Bool) async throws {
        try await Workplace.run(Workplace()) { place in
            try await place.start()
            try await place.online()
            if isCompressed {
                try await place.simulator.inject(.sendZlibBomb, into: .present).get()
            } else {
                var generator = SystemRandomNumberGenerator()
                let noise = (0..<(2 << 20)).map { _ in UInt8.random(in: 0...255, using: &generator) }
                _ = try await place.simulator.push(ByteBuffer(bytes: noise), to: "alice", flags: []).get()
            }
            let refused = try await place.sink.next(after: 0) { $0.event == .messageNotTaken }
            #expect(refused.text.contains(isCompressed ? "limits.max_inflated" : "2097168 bytes, and limits.max_body"))
            let reports = try await place.simulator.push(ByteBuffer(string: "after"), to: "alice").get()
            #expect(reports.count == 1 && place.collector.received == ["after"])
            #expect(try await place.simulator.statistics().get().connectionsEver == 1)
        }
    }

    @Test func anUnknownCommandIsSaidOnceAndBorne() async throws {
        try await Workplace.run(Workplace()) { place in
            try await place.start()
            try await place.online()
            for _ in 0..<3 { try await place.simulator.inject(.sendUnknownCommand, into: .present).get() }
            let reports = try await place.simulator.push(ByteBuffer(string: "after"), to: "alice").get()
            #expect(reports.count == 1)
            #expect(place.collector.received == ["after"])
            #expect(place.sink.records.count { $0.event == .unknownCommand } == 1)
        }
    }

    @Test func bytesThatComeOneByOneAreRead() async throws {
        try await Workplace.run(Workplace()) { place in
            try await place.simulator.inject(.writeBytewise, into: .everyone).get()
            try await place.start()
            try await place.online()
            _ = try await place.simulator.push(ByteBuffer(string: "slowly"), to: "alice").get()
            #expect(place.collector.received == ["slowly"])
        }
    }

    @Test func absurdHeartbeatsAreBoundedAndSaid() async throws {
        for absurd in [Duration.zero, .seconds(-5), .seconds(1), .seconds(90_000)] {
            try await Workplace.run(Workplace()) { place in
                try await place.simulator.inject(.tellHeartbeat(absurd), into: .everyone).get()
                try await place.start()
                _ = try await place.sink.next(after: 0) { $0.event == .absurdHeartbeat }
                try await place.online()
                let heartbeat = try await place.onDaemon { $0.status.first?.heartbeat }
                #expect(heartbeat == (absurd > .seconds(2) ? .seconds(86_400) : .seconds(2)))
            }
        }
    }

    @Test func aKickIsWaitedOutUntilAnOperatorAsks() async throws {
        try await Workplace.run(Workplace()) { place in
            try await place.start()
            try await place.online()
            let line = place.sink.count
            try await place.simulator.inject(.kick, into: .present).get()
            let kicked = try await place.sink.next(after: line) { $0.event == .kicked }
            #expect(kicked.text.contains("waiting 5 min"))
            #expect(try await place.onDaemon { $0.status.first?.state } == .waiting)
            try await place.onDaemon { $0.reconnect() }
            try await place.online(after: line)
        }
    }

    @Test func aKickIsOverForAnotherUser() async throws {
        try await Workplace.run(Workplace()) { place in
            try await place.start()
            try await place.online()
            let line = place.sink.count
            try await place.simulator.inject(.kick, into: .present).get()
            _ = try await place.sink.next(after: line) { $0.event == .kicked }
            try await place.onDaemon { try $0.reload() }
            #expect(try await place.onDaemon { $0.status.first?.state } == .waiting)
            try place.write(place.configuration(identity: "name = \"alice\"\nuser = \"carol\""))
            try await place.onDaemon { try $0.reload() }
            #expect(try await place.online(after: line).value(.user) == "carol")
        }
    }

    @Test func aKickCanMeanToStayAway() async throws {
        try await Workplace.run(Workplace()) { place in
            let text = place.configuration().replacing("[reconnect]", with: "[reconnect]\non_kick = \"stop\"")
            try await place.start(text)
            try await place.online()
            let line = place.sink.count
            try await place.simulator.inject(.kick, into: .present).get()
            _ = try await place.sink.next(after: line) { $0.event == .kicked }
            #expect(try await place.onDaemon { $0.status.first?.state } == .paused)
        }
    }

    @Test func aRefusedBindIsSaidAndTriedAgain() async throws {
        try await Workplace.run(Workplace()) { place in
            try await place.simulator.inject(.refuseBind, into: .everyone).get()
            try await place.start()
            let refused = try await place.sink.next(after: 0) { $0.event == .bindRejected }
            #expect(refused.value(.cause) == "bind")
            try await place.simulator.lift().get()
            try await place.online()
        }
    }

    @Test func aServerThatSaysNothingIsGivenUp() async throws {
        try await Workplace.run(Workplace()) { place in
            try await place.simulator.inject(.sayNothing, into: .everyone).get()
            try await place.start(place.configuration(more: "[timeouts]\nhandshake = \"1s\""))
            let failed = try await place.sink.next(after: 0) { $0.event == .attemptFailed }
            #expect(failed.value(.cause) == "handshake")
            try await place.simulator.lift().get()
            try await place.online()
        }
    }

    @Test func aServerThatIsNotThereIsAwaited() async throws {
        try await Workplace.run(Workplace()) { place in
            try await place.simulator.inject(.refuseConnections).get()
            try await place.start()
            let failed = try await place.sink.next(after: 0) { $0.event == .attemptFailed }
            #expect(failed.value(.cause) == "connect")
            #expect(failed.text.contains("connection refused"))
            try await place.simulator.lift().get()
            try await place.online()
        }
    }

    @Test func aDamagedDatabaseIsSetAsideWhole() async throws {
        try await Workplace.run(Workplace()) { place in
            try await place.start()
            try await place.online()
            try await place.stop()
            let database = place.directory.appending(path: "state/inbox.db")
            let scribble = Data(repeating: 0x55, count: 20_000)
            try scribble.write(to: database)
            let line = place.sink.count
            try await place.start()
            let damaged = try await place.sink.next(after: line) { $0.event == .inboxDamaged }
            #expect(try await place.online(after: line).value(.sessionResumed) == "no")
            let aside = try #require(damaged.value(.file))
            #expect(try Data(contentsOf: URL(fileURLWithPath: aside)) == scribble)
        }
    }
}
