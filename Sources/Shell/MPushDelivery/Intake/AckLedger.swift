import MPushConnection
import MPushInbox
import MPushModel
import MPushSession
import NIOCore

/// Which stored messages await a program's confirmation, and whom to tell (BIZ_ACK, PROTOCOL.md section 4.4). Bounded:
/// senders wait a few seconds, and a late acknowledgement is ignored, so the oldest give way.
struct AckLedger {
    struct Waiting {
        let message: ReceivedMessage
        let confirmer: any MessageConfirmer
    }

    static let capacity = 16 * 1024

    private var waiting: [MessagePosition: [Waiting]] = [:]
    /// In the order in which they came; some may be gone from `waiting`.
    private var order: [MessagePosition] = []
    private var count = 0

    /// How many messages are waited for.
    var positions: Int { waiting.count }

    /// `message`, which is stored at `position`, awaits a program.
    mutating func add(_ message: ReceivedMessage, at position: MessagePosition, confirmer: any MessageConfirmer) {
        if count >= AckLedger.capacity { dropOldest() }
        waiting[position, default: []].append(
            Waiting(message: Self.withoutContent(message), confirmer: confirmer))
        order.append(position)
        count += 1
    }

    /// A program has confirmed what is stored at `position`: gives all that waited for it.
    mutating func consumed(_ position: MessagePosition) -> [Waiting] {
        guard let found = waiting.removeValue(forKey: position) else { return [] }
        count -= found.count
        if order.count > 2 * AckLedger.capacity { order.removeAll { waiting[$0] == nil } }
        return found
    }

    /// What is at any position is not what it was: nobody is waited for.
    mutating func removeAll() {
        self = AckLedger()
    }

    private mutating func dropOldest() {
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

    /// An acknowledgement needs the number alone; the content must not be kept for it.
    private static func withoutContent(_ message: ReceivedMessage) -> ReceivedMessage {
        ReceivedMessage(number: message.number, content: ByteBuffer(), ackDemand: message.ackDemand)
    }
}
