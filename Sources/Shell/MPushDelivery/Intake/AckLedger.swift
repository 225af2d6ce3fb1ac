import MPushConnection
import MPushInbox
import MPushModel
import MPushSession
import NIOCore

/// Which stored messages await a program's confirmation, and who acknowledges them (BIZ_ACK, PROTOCOL.md section 4.4): routes
/// and followers say here what is confirmed, and it goes to the connection that the message came over. Bounded: senders wait
/// a few seconds, and a late acknowledgement is ignored, so the oldest give way. Belongs to the event loop.
final class AckLedger {
    private struct Waiting {
        let message: ReceivedMessage
        let received: WallTime
        let confirmer: any MessageConfirmer
    }

    static let capacity = 16 * 1024

    private var waiting: [MessagePosition: [Waiting]] = [:]
    /// In the order in which they came; some may be gone from `waiting`.
    private var order: [MessagePosition] = []
    private var count = 0
    /// What was acknowledged last.
    private(set) var times = AckTimes()
    private let wall: () -> WallTime

    /// - Parameter wall: the wall clock.
    init(wall: @escaping () -> WallTime) {
        self.wall = wall
    }

    /// How many messages are waited for.
    var positions: Int { waiting.count }

    /// The message at `position`, which came at `received`, was acknowledged just now.
    func acknowledged(_ position: MessagePosition, received: WallTime) {
        times.note(position, received: received, at: wall())
    }

    /// `message`, which came at `received` and is stored at `position`, awaits a program.
    func add(
        _ message: ReceivedMessage, at position: MessagePosition, received: WallTime, confirmer: any MessageConfirmer
    ) {
        if count >= AckLedger.capacity { dropOldest() }
        // An acknowledgement needs the number alone; the content must not be kept for it.
        let message = ReceivedMessage(
            number: message.number, content: ByteBuffer(), ackDemand: message.ackDemand)
        waiting[position, default: []].append(
            Waiting(message: message, received: received, confirmer: confirmer))
        order.append(position)
        count += 1
    }

    /// These are recorded: who waits for a message that one of them confirms acknowledges it.
    func recorded(_ changes: [ConsumerChange]) {
        for case .consumed(let position) in changes {
            guard let found = waiting.removeValue(forKey: position) else { continue }
            count -= found.count
            for one in found { one.confirmer.messageConsumed(one.message) }
            if let first = found.first { acknowledged(position, received: first.received) }
        }
        if order.count > 2 * AckLedger.capacity { order.removeAll { waiting[$0] == nil } }
    }

    /// What is at any position is not what it was: nobody is waited for.
    func removeAll() {
        waiting = [:]
        order = []
        count = 0
        times.removeAll()
    }

    private func dropOldest() {
        let half = AckLedger.capacity / 2
        var kept: [MessagePosition] = []
        for position in order {
            if count > half, let dropped = waiting.removeValue(forKey: position) {
                count -= dropped.count
            } else if waiting[position] != nil {
                kept.append(position)
            }
        }
        order = kept
    }
}
