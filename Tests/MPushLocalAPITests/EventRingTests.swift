import Foundation
import MPushControl
import MPushModel
import MPushTestSupport
import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import MPushLocalAPI

@Suite struct EventRingTests {
    private static func event(_ kind: IdentityEvent.Kind, _ state: ConnectionState?, of name: String = "alice")
        -> IdentityEvent
    {
        IdentityEvent(identity: name, kind: kind, state: state, text: "")
    }

    /// A closure that stands directly in a Mutex is wrapped once more at each access, and then each call is as deep as
    /// there were accesses. Under a stack of 512 KiB, 15,000 events were enough.
    @Test func tellsOf200000EventsUnderASmallStack() async {
        let told = await withCheckedContinuation { continuation in
            let thread = Thread {
                let loop = EmbeddedEventLoop()
                let ring = EventRing(on: loop, clock: SettableClock())
                var told = 0
                ring.listen { told += 1 }
                for _ in 0..<200_000 {
                    ring.record(Self.event(.online, .online))
                    loop.run()
                }
                continuation.resume(returning: told)
            }
            thread.stackSize = 512 * 1024
            thread.start()
        }
        #expect(told == 200_000)
    }

    @Test func tellsOnceOfEventsThatComeTogether() throws {
        let loop = EmbeddedEventLoop()
        let ring = EventRing(on: loop, clock: SettableClock())
        var told = 0
        ring.listen { told += 1 }
        for _ in 0..<3 { ring.record(Self.event(.online, .online)) }
        loop.run()
        #expect(told == 1)
        #expect(ring.entries(after: 0, limit: 10).map(\.sequence) == [1, 2, 3])
    }

    @Test func whatDoesNotChangeTheStateHasTheOneBefore() {
        let ring = EventRing(on: EmbeddedEventLoop(), clock: SettableClock())
        ring.record(Self.event(.online, .online))
        ring.record(Self.event(.online, .online, of: "bob"))
        ring.record(Self.event(.readMissed, .suspect))
        ring.record(Self.event(.unknownCommand, nil))
        ring.record(Self.event(.messageNotTaken, nil, of: "bob"))
        ring.record(Self.event(.ticketNotStored, nil, of: "carol"))
        #expect(
            ring.entries(after: 0, limit: 10).map(\.state) == [
                .online, .online, .suspect, .suspect, .online, .waiting,
            ])
        ring.identitiesChanged(to: ["bob"])
        ring.record(Self.event(.unknownCommand, nil))
        #expect(ring.entries(after: 6, limit: 10).map(\.state) == [.waiting])
    }

    @Test func theOldestGiveWayAndTheTextHasABound() {
        let ring = EventRing(on: EmbeddedEventLoop(), clock: SettableClock())
        for _ in 0..<(3 * EventRing.capacity + 5) {
            ring.record(
                IdentityEvent(
                    identity: "alice", kind: .connectionLost, state: .waiting, cause: "reset",
                    text: String(repeating: "x", count: 100_000)))
        }
        let kept = ring.entries(after: 0, limit: .max)
        #expect(kept.count == EventRing.capacity)
        #expect(kept.first?.sequence == ring.oldest && kept.last?.sequence == ring.last)
        #expect(kept.allSatisfy { $0.text.utf8.count <= IdentityEvent.longestText && $0.cause == "reset" })
        #expect(ring.entries(after: ring.last, limit: 5).isEmpty)
        #expect(ring.entries(after: .max, limit: 5).isEmpty)
        #expect(ring.entries(after: ring.last - 2, limit: 5).map(\.sequence) == [ring.last - 1, ring.last])
    }
}
