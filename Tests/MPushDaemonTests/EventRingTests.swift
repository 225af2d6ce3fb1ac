import Foundation
import MPushModel
import MPushSystemd
import MPushTestSupport
import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import MPushLocalAPI

@Suite struct EventRingTests {
    /// A closure that stands directly in a Mutex is wrapped once more at each access, and then each call is as deep as
    /// there were accesses. Under a stack of 512 KiB, 15,000 events were enough.
    @Test func tellsOf200000EventsUnderASmallStack() async {
        let told = await withCheckedContinuation { continuation in
            let thread = Thread {
                let loop = EmbeddedEventLoop()
                let ring = EventRing(on: loop, clock: SettableClock())
                let told = Mutex(0)
                ring.listen { told.withLock { $0 += 1 } }
                for _ in 0..<200_000 {
                    ring.write(LogRecord(level: .info, event: .online, text: "", fields: [.identity("alice")]))
                    loop.run()
                }
                continuation.resume(returning: told.withLock { $0 })
            }
            thread.stackSize = 512 * 1024
            thread.start()
        }
        #expect(told == 200_000)
    }

    @Test func tellsOnceOfEventsThatComeTogether() throws {
        let loop = EmbeddedEventLoop()
        let ring = EventRing(on: loop, clock: SettableClock())
        let told = Mutex(0)
        ring.listen { told.withLock { $0 += 1 } }
        for _ in 0..<3 {
            ring.write(LogRecord(level: .info, event: .online, text: "", fields: [.identity("alice")]))
        }
        loop.run()
        #expect(told.withLock { $0 } == 1)
        #expect(ring.entries(after: 0, limit: 10).map(\.sequence) == [1, 2, 3])
    }
}
