import MPushConfiguration
import MPushConnection
import MPushInbox
import MPushModel
import MPushPlatform
import MPushRouting
import NIOCore

extension RouteRunner {
    /// Does what the schedule says.
    func perform(_ action: RouteSchedule.Action) {
        switch action {
        case .fetch(let after, let limit): fetch(after: MessagePosition(rawValue: after), limit: limit)
        case .fetchReturned(let position): fetchReturned(MessagePosition(rawValue: position))
        case .start(let position, let attempt): start(MessagePosition(rawValue: position), attempt: attempt)
        case .record(let changes): record(changes)
        case .forget(let position): messages[MessagePosition(rawValue: position)] = nil
        case .setDeadline(let deadline):
            if let owner { surroundings.timer.set(deadline, for: owner) }
        }
    }

    private func fetch(after: MessagePosition, limit: Int) {
        surroundings.inbox.messages(MessageQuery(after: after, limit: limit)) { [weak self] answer in
            guard let self, !isEnded else { return }
            switch answer {
            case .success(let page):
                offer(page.messages) { $0.fetched($1, at: BootClock.now()) }
            case .failure: tell { $0.fetchFailed(at: BootClock.now()) }
            }
        }
    }

    private func fetchReturned(_ position: MessagePosition) {
        let before = MessagePosition(rawValue: position.rawValue - 1)
        surroundings.inbox.messages(MessageQuery(after: before, limit: 1)) { [weak self] answer in
            guard let self, !isEnded else { return }
            switch answer {
            case .success(let page):
                let message = page.messages.first { $0.position == position }
                messages[position] = message
                tell {
                    $0.fetchedReturned(position.rawValue, isThere: message != nil, at: BootClock.now())
                }
            case .failure: tell { $0.fetchFailed(position.rawValue, at: BootClock.now()) }
            }
        }
    }

    private func start(_ position: MessagePosition, attempt: Int) {
        guard let message = messages[position] else {
            return tell { $0.attemptEnded(position.rawValue, .abandoned, at: BootClock.now()) }
        }
        let begun = BootClock.now()
        var result: AttemptResult?
        var isUnderWay = false
        let cancel = target.deliver(message, attempt: attempt) { [weak self] ended in
            guard isUnderWay else {
                result = ended
                return
            }
            self?.ended(message, ended, attempt: attempt, begun: begun)
        }
        isUnderWay = true
        attempts[position] = Attempt(begun: begun, cancel: cancel)
        surroundings.observer()?.deliveryChanged()
        if let result { ended(message, result, attempt: attempt, begun: begun) }
    }

    private func ended(_ message: StoredMessage, _ result: AttemptResult, attempt: Int, begun: Instant) {
        guard attempts.removeValue(forKey: message.position) != nil, !isEnded else { return }
        let now = BootClock.now()
        tell { $0.attemptEnded(message.position.rawValue, RouteSchedule.Result(result), at: now) }
        report(message, result, attempt: attempt, at: now)
        if result != .abandoned {
            surroundings.observer()?.attemptEnded(route: name, result: result, took: now - begun)
        }
        surroundings.observer()?.deliveryChanged()
    }

    private func report(_ message: StoredMessage, _ result: AttemptResult, attempt: Int, at now: Instant) {
        switch result {
        case .confirmed:
            counts.done += 1
            counts.lastFailure = nil
            reporter.confirmed(at: now)
        case .failed(let reason, _):
            counts.failures += 1
            counts.lastFailure = reason
            if attempt < route.settings.retry.attempts {
                let next = schedule?.nextAttempt.map { max(.zero, $0 - now) }
                reporter.failed(reason, of: message.id, next: next, at: now)
            } else {
                buried(message, attempt, reason)
            }
        case .rejected(let reason):
            counts.failures += 1
            counts.lastFailure = reason
            buried(message, attempt, reason)
        case .abandoned: break
        }
    }

    private func buried(_ message: StoredMessage, _ attempts: Int, _ reason: String) {
        counts.deadLetters += 1
        reporter.buried(message.id, attempts: attempts, reason: reason)
    }

    private func record(_ changes: [RouteSchedule.Change]) {
        recorder?.record(changes.map { ConsumerChange($0) })
    }

    /// These are in the inbox now.
    func recorded(_ changes: [ConsumerChange]) {
        for case .consumed(let position) in changes { surroundings.observer()?.messageConsumed(position) }
    }
}
