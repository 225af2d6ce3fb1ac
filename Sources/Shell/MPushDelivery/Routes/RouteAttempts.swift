import MPushInbox
import MPushModel
import MPushRouting

/// A message that is handed over.
struct AttemptedMessage {
    let message: StoredMessage
    /// Which attempt it is, from 1.
    let attempt: Int
}

/// A target that takes several messages together.
protocol BatchTarget: RouteTarget {
    /// Hands `messages` over, two or more, as `deliver` does with one.
    func deliver(_ messages: [AttemptedMessage], done: @escaping (BatchResult) -> Void) -> () -> Void
}

/// The attempts under way of one route: messages that are handed over alone, or together. Belongs to the event loop.
final class RouteAttempts {
    private struct Attempt {
        let messages: [AttemptedMessage]
        let cancel: () -> Void
    }

    private var attempts: [MessagePosition: Attempt] = [:]
    /// Messages under way.
    private(set) var count = 0

    var isEmpty: Bool { attempts.isEmpty }

    /// Whether the message at `position` is under way, alone or with others.
    func includes(_ position: MessagePosition) -> Bool {
        attempts[position] != nil
            || attempts.values.contains { $0.messages.contains { $0.message.position == position } }
    }

    /// Hands `messages` to `target`; `onEnd` is called once, and not before this returns.
    func start(
        _ messages: [AttemptedMessage], at target: any RouteTarget, _ now: Instant, onBegin: () -> Void,
        onEnd: @escaping (AttemptEnd) -> Void
    ) {
        guard let first = messages.first?.message.position else { return }
        var early: BatchResult?
        var isUnderWay = false
        let cancel = deliver(messages, to: target) { [weak self] result in
            guard isUnderWay else {
                early = result
                return
            }
            if self?.attempts[first] != nil { onEnd(AttemptEnd(messages, result, begun: now)) }
        }
        isUnderWay = true
        attempts[first] = Attempt(messages: messages, cancel: cancel)
        count += messages.count
        onBegin()
        if let early { onEnd(AttemptEnd(messages, early, begun: now)) }
    }

    private func deliver(
        _ messages: [AttemptedMessage], to target: any RouteTarget, done: @escaping (BatchResult) -> Void
    ) -> () -> Void {
        if messages.count == 1 {
            return target.deliver(messages[0].message, attempt: messages[0].attempt) { done(.whole($0)) }
        }
        if let target = target as? any BatchTarget { return target.deliver(messages, done: done) }
        // The route was given another target a moment ago: its schedule starts them anew.
        done(.whole(.abandoned))
        return {}
    }

    /// Those of `ends` that were under way until now: they have ended once and for all.
    func take(_ ends: ArraySlice<AttemptEnd>) -> [AttemptEnd] {
        ends.filter { end in
            guard let first = end.messages.first, attempts.removeValue(forKey: first.message.position) != nil
            else { return false }
            count -= end.messages.count
            return true
        }
    }

    /// Ends all before their time.
    func cancel() {
        for attempt in Array(attempts.values) { attempt.cancel() }
    }
}
