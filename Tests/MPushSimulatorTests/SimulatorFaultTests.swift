import Glibc
import MPushCipher
import MPushModel
import MPushTLS
import MPushWire
import NIOCore
import NIOPosix
import Testing

@testable import MPushSimulator

/// Each fault, as it shows to a client.
@Suite(.timeLimit(.minutes(1))) struct SimulatorFaultTests {
    @Test func aFrameIsCutShortAndTheConnectionClosed() async throws {
        try await SimulatorBench.run { bench in
            var client = try await bench.bound("alice")
            try await bench.simulator.inject(.cutFrame(.close), into: .user("alice")).get()
            guard case .closed(let left) = await client.next() else { throw TestClient.Unexpected(what: "not closed") }
            #expect(left > Frame.headerLength)
        }
    }

    @Test func aFrameIsCutShortAndNothingFollows() async throws {
        try await SimulatorBench.run { bench in
            let client = try await bench.bound("alice")
            try await bench.simulator.inject(.cutFrame(.silence), into: .present).get()
            let count = try await bench.simulator.eventCount().get()
            try await client.beat()
            try await client.channel.close()
            let next = try await bench.simulator.event(after: count) { _ in true }.get()
            #expect([.closed(.byClient), .closed(.resetByClient)].contains(next.kind))
        }
    }

    @Test(arguments: [
        (SimulatorFault.sendRubbish, WireError.negativeLength(-462_358)),
        (.sendOversizeLength, .bodyTooLong(length: Int(Int32.max) - 15, maximum: 1 << 20)),
    ])
    func whatIsNoFrameIsSent(fault: SimulatorFault, expected: WireError) async throws {
        try await SimulatorBench.run { bench in
            var client = try await bench.bound("alice")
            try await bench.simulator.inject(fault, into: .present).get()
            #expect(await client.next() == .broken(expected))
        }
    }

    @Test func anUnknownCommandIsSent() async throws {
        try await SimulatorBench.run { bench in
            var client = try await bench.bound("alice")
            try await bench.simulator.inject(.sendUnknownCommand, into: .present).get()
            #expect(try await client.nextFrame().command == Command(rawValue: 99))
        }
    }

    @Test func aPushCannotBeDecrypted() async throws {
        try await SimulatorBench.run { bench in
            var client = try await bench.bound("alice")
            try await bench.simulator.inject(.sendBadCiphertext, into: .present).get()
            let push = try await client.nextFrame()
            #expect(push.body.readableBytes == 32)
            #expect { try client.open(push) } throws: { ($0 as? CipherError)?.code == "decryption-failed" }
        }
    }

    @Test func aPushIsABomb() async throws {
        try await SimulatorBench.run { bench in
            var client = try await bench.bound("alice")
            try await bench.simulator.inject(.sendZlibBomb, into: .present).get()
            let push = try await client.nextFrame()
            #expect(push.body.readableBytes < 20_000)
            #expect(throws: CipherError.inflatedTooLarge(maximum: 4 << 20)) { try client.open(push) }
        }
    }

    @Test(arguments: [false, true])
    func aConnectionIsReset(secured: Bool) async throws {
        try await SimulatorBench.run(secured: secured) { bench in
            let client = try await bench.bound("alice")
            let watch = WireWatch()
            try await client.channel.pipeline.addHandler(watch, position: .first).get()
            try await bench.simulator.inject(.reset, into: .present).get()
            try await client.channel.closeFuture.get()
            #expect(try await watch.error(on: client.channel)?.errnoCode == ECONNRESET)
        }
    }

    @Test(arguments: [false, true])
    func aConnectionIsClosed(secured: Bool) async throws {
        try await SimulatorBench.run(secured: secured) { bench in
            var client = try await bench.bound("alice")
            try await bench.simulator.inject(.close, into: .user("alice")).get()
            #expect(await client.next() == .closed(left: 0))
            _ = try await bench.simulator.event { $0.kind == .closed(.fault) }.get()
        }
    }

    @Test func aKickWithoutARival() async throws {
        try await SimulatorBench.run { bench in
            var client = try await bench.bound("alice")
            try await bench.simulator.inject(.kick, into: .user("alice")).get()
            #expect(try await client.nextFrame().command == .kick)
        }
    }

    @Test func heartbeatsAreNotAnsweredUntilTheyAreAgain() async throws {
        try await SimulatorBench.run { bench in
            var client = try await bench.bound("alice")
            try await bench.simulator.inject(.muteHeartbeats).get()
            try await client.beat()
            #expect(try await client.bind("alice").command == .ok)
            var other = try await bench.opened(device: "other")
            try await other.beat()
            #expect(try await other.bind("bob").command == .ok)
            try await bench.simulator.lift(.muteHeartbeats).get()
            try await client.beat()
            #expect(await client.next() == .heartbeat)
        }
    }

    @Test func theNextConnectionIsToldNothing() async throws {
        try await SimulatorBench.run(secured: true) { bench in
            try await bench.simulator.inject(.sayNothing, into: .next(1, at: .accepted)).get()
            var client = try await bench.connect()
            try await client.send(client.handshakeRequest(device: "d", bench.simulator.publicKey))
            var other = try await bench.opened()
            try await bench.simulator.lift().get()
            // The first answer is to what was said after the silence.
            try await client.beat()
            #expect(await client.next() == .heartbeat)
            try await other.beat()
            #expect(await other.next() == .heartbeat)
        }
    }

    @Test func theNextConnectionGetsNoTLS() async throws {
        try await SimulatorBench.run(secured: true) { bench in
            try await bench.simulator.inject(.sayNothingBeforeTLS, into: .next(1, at: .accepted)).get()
            var client = try await TestClient.connect(
                to: bench.address, tls: bench.tls, handshakeTimeout: .milliseconds(100))
            guard case .failed(let words) = await client.next() else { throw TestClient.Unexpected(what: "no error") }
            #expect(words.contains("timedOut"), "\(words)")
            _ = try await bench.connect()
        }
    }

    @Test func nothingMoreIsRead() async throws {
        try await SimulatorBench.run { bench in
            _ = try await bench.bound("alice")
            try await bench.simulator.inject(.stopReading).get()
            #expect(try await reads(bench.simulator) == [false])
            try await bench.simulator.lift().get()
            #expect(try await reads(bench.simulator) == [true])
        }
    }

    private func reads(_ simulator: Simulator) async throws -> [Bool] {
        try await simulator.onLoop { core in
            let options = core.connectionsInOrder.compactMap { $0.context?.channel.getOption(.autoRead) }
            return EventLoopFuture.whenAllSucceed(options, on: core.loop)
        }.get()
    }

    /// Each byte is a TLS record of its own, so the answer of 29 bytes takes more than ten times as many.
    @Test func eachByteIsWrittenOnItsOwn() async throws {
        try await SimulatorBench.run(secured: true) { bench in
            var client = try await bench.opened()
            let watch = WireWatch()
            try await client.channel.pipeline.addHandler(watch, position: .first).get()
            #expect(try await client.bind("alice").body.readableBytes == 16)
            let whole = try await watch.count(on: client.channel)
            try await bench.simulator.inject(.writeBytewise).get()
            #expect(try await client.bind("alice").body.readableBytes == 16)
            #expect(try await watch.count(on: client.channel) - whole > 29 * 20)
            #expect(whole < 100)
        }
    }

    @Test func answersComeLate() async throws {
        try await SimulatorBench.run { bench in
            var client = try await bench.bound("alice")
            try await bench.simulator.inject(.answerLate(.milliseconds(80))).get()
            let clock = ContinuousClock()
            let began = clock.now
            try await client.beat()
            #expect(await client.next() == .heartbeat)
            #expect(clock.now - began >= .milliseconds(80))
        }
    }

    @Test(arguments: [0, -1, 1, Int64(Int32.max)])
    func absurdHeartbeatsAreTold(milliseconds: Int64) async throws {
        try await SimulatorBench.run { bench in
            try await bench.simulator.inject(.tellHeartbeat(.milliseconds(milliseconds))).get()
            var client = try await bench.connect()
            let answer = try await client.handshake(device: "d", bench.simulator.publicKey)
            #expect(answer.heartbeat == .milliseconds(milliseconds))
        }
    }

    @Test func aDeviceIsDeniedAndABindRefused() async throws {
        try await SimulatorBench.run { bench in
            try await bench.simulator.inject(.denyDevice, into: .coming(at: .accepted)).get()
            try await bench.simulator.inject(.refuseBind, into: .next(1, at: .opened)).get()
            var first = try await bench.opened()
            var second = try await bench.connect()
            let denied = try await second.resume(first, device: "device")
            #expect(try ErrorAnswer(decoding: denied.body, of: .error).code == .invalidDevice)
            let refused = try await first.bind("alice")
            #expect(try ErrorAnswer(decoding: refused.body, of: .error).reason == "bind failed")
            #expect(await first.next() == .closed(left: 0))
        }
    }

    @Test func connectionsAreRefusedUntilTheyAreTakenAgain() async throws {
        try await SimulatorBench.run { bench in
            try await bench.simulator.inject(.refuseConnections).get()
            await #expect(throws: (any Error).self) { try await TestClient.connect(to: bench.address) }
            try await bench.simulator.lift(.refuseConnections).get()
            _ = try await bench.bound("alice")
        }
    }

    @Test func aFaultMeetsAConnectionAtItsMoment() async throws {
        try await SimulatorBench.run { bench in
            try await bench.simulator.inject(.kick, into: .next(1, at: .bound)).get()
            try await bench.simulator.inject(.close, into: .next(1, at: .bound)).get()
            var client = try await bench.bound("alice")
            #expect(try await client.nextFrame().command == .kick)
            #expect(await client.next() == .closed(left: 0))
            _ = try await bench.bound("alice")
        }
    }
}
