import Glibc
import MPushSession
import MPushTime
import NIOCore
import Testing

@testable import MPushDaemon
@testable import MPushPlatform

/// Messages on standard output, which may be slow, or gone.
@Suite struct MessagePrinterTests {
    private static let origin = MessageOrigin(
        identity: "home", user: "alice", received: WallTime(millisecondsSince1970: 0))

    private static func message(_ number: Int32, bytes: Int = 1) -> ReceivedMessage {
        ReceivedMessage(number: number, content: ByteBuffer(repeating: 0x61, count: bytes), ackDemand: .whenStored)
    }

    private static func pipe() throws -> (read: CInt, write: CInt) {
        var ends: [CInt] = [0, 0]
        guard Glibc.pipe(&ends) == 0 else { throw OSError(errno, "pipe") }
        return (ends[0], ends[1])
    }

    /// Several times what a pipe holds: nothing is confirmed before all of its lines are written.
    @Test func confirmsOnlyWhatIsWritten() async throws {
        let (read, write) = try Self.pipe()
        let lines = 40
        let wasConfirmedEarly = try await LoopBench.run { (eventLoop, promise: EventLoopPromise<Bool>) in
            var confirmed = 0
            let printer = MessagePrinter(to: write, on: eventLoop) { promise.fail($0) }
            for number in 1...Int32(lines) {
                printer.take([Self.message(number, bytes: 100_000)], from: Self.origin) { progress in
                    #expect(progress == .consumed)
                    confirmed += 1
                    if confirmed == lines { promise.succeed(false) }
                }
            }
            let early = NIOLoopBoundBox(false, eventLoop: eventLoop)
            let count = NIOLoopBound({ confirmed }, eventLoop: eventLoop)
            try ShortThread.run {
                var rest = lines
                var chunk = [UInt8](repeating: 0, count: 4096)
                while rest > 1 {
                    let size = Glibc.read(read, &chunk, chunk.count)
                    rest -= chunk.prefix(max(0, size)).count { $0 == 0x0A }
                }
                // The last line is still on its way: a pipe does not hold it.
                eventLoop.execute {
                    early.value = count.value() == lines
                    if early.value { promise.succeed(true) }
                }
                while Glibc.read(read, &chunk, chunk.count) > 0 {}
                close(read)
            }
        }
        #expect(!wasConfirmedEarly)
        close(write)
    }

    @Test func aReaderThatIsGoneIsAFailureAndNothingIsConfirmed() async throws {
        signal(SIGPIPE, SIG_IGN)
        let (read, write) = try Self.pipe()
        close(read)
        let outcome = try await LoopBench.run { (eventLoop, promise: EventLoopPromise<(CInt, MessageProgress?)>) in
            var failure: CInt = 0
            let printer = MessagePrinter(to: write, on: eventLoop) { failure = $0.number }
            printer.take([Self.message(1)], from: Self.origin) { promise.succeed((failure, $0)) }
        }
        #expect(outcome.0 == EPIPE)
        #expect(outcome.1 == nil)
        close(write)
    }
}
