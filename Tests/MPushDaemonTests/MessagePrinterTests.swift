import Glibc
import MPushInbox
import MPushModel
import MPushTestSupport
import NIOCore
import Testing

@testable import MPushDelivery
@testable import MPushPlatform

/// Messages on standard output, which may be slow, or gone.
@Suite struct MessagePrinterTests {
    private static func message(_ number: Int64, bytes: Int = 1) -> StoredMessage {
        StoredMessage(
            position: MessagePosition(rawValue: number), id: "m", identity: "home", user: "alice",
            received: WallTime(millisecondsSince1970: 0), type: nil,
            content: ByteBuffer(repeating: 0x61, count: bytes))
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
            let printer = MessagePrinter(
                to: write, threads: ShortThreads(), on: eventLoop,
                onWritten: { position in
                    confirmed += 1
                    #expect(position.rawValue == Int64(confirmed))
                    if confirmed == lines { promise.succeed(false) }
                }, onFailure: { promise.fail($0) })
            for number in 1...Int64(lines) { #expect(printer.take([Self.message(number, bytes: 100_000)])) }
            let early = NIOLoopBoundBox(false, eventLoop: eventLoop)
            let count = NIOLoopBound({ confirmed }, eventLoop: eventLoop)
            try ShortThreads().run {
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

    /// A reader that takes nothing: what waits for it has a bound, and more is wanted once it reads.
    @Test func takesNoMoreThanMayWait() async throws {
        let (read, write) = try Self.pipe()
        let refusedAfter = try await LoopBench.run { (eventLoop, promise: EventLoopPromise<Int>) in
            var taken = 1
            var hasRoom = false
            // The loop has to be there until the last line is written.
            let printer = MessagePrinter(
                to: write, threads: ShortThreads(), on: eventLoop,
                onWritten: { position in
                    guard position.rawValue == Int64(taken) else { return }
                    if hasRoom { promise.succeed(taken) } else { promise.fail(LoopBench.TooLate()) }
                }, onFailure: { promise.fail($0) })
            while printer.take([Self.message(Int64(taken), bytes: 100_000)]), taken < 1000 { taken += 1 }
            printer.onRoom = { hasRoom = true }
            try ShortThreads().run {
                var chunk = [UInt8](repeating: 0, count: 65536)
                while Glibc.read(read, &chunk, chunk.count) > 0 {}
                close(read)
            }
        }
        #expect((20...60).contains(refusedAfter))
        close(write)
    }

    @Test func aReaderThatIsGoneIsAFailureAndNothingIsConfirmed() async throws {
        signal(SIGPIPE, SIG_IGN)
        let (read, write) = try Self.pipe()
        close(read)
        let failure = try await LoopBench.run { (eventLoop, promise: EventLoopPromise<CInt>) in
            let printer = MessagePrinter(
                to: write, threads: ShortThreads(), on: eventLoop, onWritten: { _ in promise.succeed(0) },
                onFailure: { promise.succeed($0.number) })
            #expect(printer.take([Self.message(1)]))
        }
        #expect(failure == EPIPE)
        close(write)
    }
}
