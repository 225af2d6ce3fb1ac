package import MPushConfiguration
package import MPushConnection
package import MPushInbox
package import MPushModel
package import MPushSession
import NIOCore

/// Puts received messages into the inbox, and says how far each has come: stored, known before, or refused. What is new
/// goes on to delivery; what awaits a program stands in its ledger until one confirms it. Belongs to its event loop.
package final class InboxIntake: MessageConsumer {
    private let inbox: Inbox
    private let delivery: Delivery
    /// Hears of what is new, after delivery did.
    package var onStored: ([StoredMessage]) -> Void = { _ in }
    /// When a message that awaits a program counts as had.
    package var consumerAck: InboxSettings.ConsumerAck

    package init(inbox: Inbox, delivery: Delivery, consumerAck: InboxSettings.ConsumerAck) {
        self.inbox = inbox
        self.delivery = delivery
        self.consumerAck = consumerAck
    }

    package func take(
        _ messages: [ReceivedMessage], from origin: MessageOrigin, confirmer: any MessageConfirmer,
        done: @escaping (TakenMessages) -> Void
    ) {
        let awaitsConsumer = consumerAck == .consumed
        let new = messages.map { message in
            NewMessage(
                identity: origin.identity, user: origin.user, received: origin.received, content: message.content,
                awaitsConsumer: awaitsConsumer && message.ackDemand == .whenConsumed)
        }
        inbox.store(new) { [self] outcomes in
            stored(messages, outcomes, from: origin, confirmer: confirmer, done: done)
        }
    }

    private func stored(
        _ messages: [ReceivedMessage], _ outcomes: [StoreOutcome], from origin: MessageOrigin,
        confirmer: any MessageConfirmer, done: (TakenMessages) -> Void
    ) {
        var taken = TakenMessages([])
        taken.progress.reserveCapacity(messages.count)
        var new: [StoredMessage] = []
        for (message, outcome) in zip(messages, outcomes) {
            let progress = progress(of: message, outcome, from: origin, confirmer: confirmer)
            taken.progress.append(progress)
            switch outcome {
            case .stored(let stored): new.append(stored)
            case .duplicate: taken.duplicates += 1
            case .full: taken.refusal = "the inbox is full"
            case .failed(let failure): taken.refusal = failure.detail
            }
        }
        done(taken)
        noteAcknowledged(messages, taken.progress, outcomes, from: origin)
        guard !new.isEmpty else { return }
        delivery.stored(new)
        onStored(new)
    }

    /// What is new is acknowledged by now, but for what awaits a program, or nobody wants acknowledged.
    private func noteAcknowledged(
        _ messages: [ReceivedMessage], _ progress: [MessageProgress?], _ outcomes: [StoreOutcome],
        from origin: MessageOrigin
    ) {
        for (index, outcome) in outcomes.enumerated() {
            guard case .stored(let stored) = outcome else { continue }
            switch messages[index].ackDemand {
            case .never: continue
            case .whenConsumed where progress[index] != .consumed: continue
            case .whenStored, .whenConsumed: break
            }
            delivery.acks.acknowledged(stored.position, received: origin.received)
        }
    }

    private func progress(
        of message: ReceivedMessage, _ outcome: StoreOutcome, from origin: MessageOrigin,
        confirmer: any MessageConfirmer
    ) -> MessageProgress? {
        switch outcome {
        case .stored(let stored): return waits(message, at: stored.position, from: origin, confirmer: confirmer)
        case .duplicate(_, isConsumed: true): return .consumed
        case .duplicate(let position, isConsumed: false):
            return waits(message, at: position, from: origin, confirmer: confirmer)
        case .full, .failed: return nil
        }
    }

    private func waits(
        _ message: ReceivedMessage, at position: MessagePosition, from origin: MessageOrigin,
        confirmer: any MessageConfirmer
    ) -> MessageProgress {
        guard message.ackDemand == .whenConsumed else { return .stored }
        if consumerAck == .stored { return .consumed }
        delivery.acks.add(message, at: position, received: origin.received, confirmer: confirmer)
        return .stored
    }
}
