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
    /// One that is over.
    struct Ended {
        let messages: [AttemptedMessage]
        let result: BatchResult
        let begun: Instant
    }

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
        attempts.values.contains { $0.messages.contains { $0.message.position == position } }
    }

    /// Hands `messages` to `target`; `onEnd` is called once, and not before this returns.
    func start(
        _ messages: [AttemptedMessage], at target: any RouteTarget, _ now: Instant, onBegin: () -> Void,
        onEnd: @escaping (Ended) -> Void
    ) {
        guard let first = messages.first?.message.position else { return }
        var early: BatchResult?
        var isUnderWay = false
        let cancel = deliver(messages, to: target) { [weak self] result in
            guard isUnderWay else {
                early = result
                return
            }
            self?.ended(first, Ended(messages: messages, result: result.bounded, begun: now), onEnd)
        }
        isUnderWay = true
        attempts[first] = Attempt(messages: messages, cancel: cancel)
        count += messages.count
        onBegin()
        if let early { ended(first, Ended(messages: messages, result: early.bounded, begun: now), onEnd) }
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

    private func ended(_ first: MessagePosition, _ end: Ended, _ onEnd: (Ended) -> Void) {
        guard let attempt = attempts.removeValue(forKey: first) else { return }
        count -= attempt.messages.count
        onEnd(end)
    }

    /// Ends all before their time.
    func cancel() {
        for attempt in Array(attempts.values) { attempt.cancel() }
    }
}

extension RouteReporter {
    /// An attempt is over: `burials` came of it. Returns what there is to say to those who count attempts: what became of
    /// which message.
    mutating func ended(
        _ end: RouteAttempts.Ended, burials: [MessagePosition], isTargetDown: Bool, next: Duration?, at now: Instant
    ) -> [(message: StoredMessage, result: AttemptResult)] {
        var results = zip(end.messages, end.results).map { ($0, $1) }
        // The failure of a batch is one failure.
        if case .whole(let result) = end.result, result != .confirmed { results = Array(results.prefix(1)) }
        for (attempted, result) in results {
            attemptEnded(
                result, of: attempted.message.id, attempt: attempted.attempt,
                isBuried: burials.contains(attempted.message.position), isTargetDown: isTargetDown, next: next, at: now)
        }
        return results.map { ($0.0.message, $0.1) }
    }
}

extension RouteAttempts.Ended {
    /// Of each message.
    var results: [AttemptResult] {
        switch result {
        case .whole(let result): messages.map { _ in result }
        case .each(let results): results
        }
    }
}
