import MPushInbox
import MPushModel
import MPushPlatform
import MPushRouting

/// What operators see of a route, and do with it.
extension RouteRunner {
    /// Tests that are under way at once, at most.
    static let mostTests = 4

    /// What there is to say of it now.
    var status: RouteStatus {
        var status = reporter.counts
        status.state = schedule?.state(at: now) ?? .starting
        status.pause = schedule?.pause(at: now)
        status.doneLastMinute = reporter.confirmations.total(at: now)
        status.waiting = schedule?.waiting ?? 0
        status.deadLetters = environment.inbox.deadLetters(of: .route(name))
        status.running = attempts.count
        status.oldestWaiting = messages.values.min { $0.position < $1.position }?.age(at: environment.timer.wall)
        status.targetDownFor = schedule?.targetDownSince.map { now - $0 }
        status.nextAttempt = schedule?.nextAttempt.map { max(.zero, $0 - now) }
        return status
    }

    /// Nothing is handed over for so long, or, where that is nil, from now on again; the inbox knows of it.
    func suspend(_ pause: RoutePause?) { handle { $0.suspended(pause, at: now) } }

    /// Hands `sample`, which is no message of the inbox, to the target once. It counts nowhere, is not tried again, and waits
    /// for nothing: not for a pause, nor for a target that is down. False where too many are under way already.
    func test(_ sample: StoredMessage, done: @escaping (AttemptResult, Duration) -> Void) -> Bool {
        guard tests.count < RouteRunner.mostTests else { return false }
        let begun = now
        let number = (tests.keys.max() ?? 0) + 1
        var result: AttemptResult?
        tests[number] = {}
        // The route may stop meanwhile, and go; whoever tests it hears of that.
        let cancel = target.deliver(sample, attempt: 1) { [self] ended in
            guard tests.removeValue(forKey: number) != nil else { return }
            result = ended
            done(ended.bounded, now - begun)
        }
        if result == nil { tests[number] = cancel }
        return true
    }

    /// The route stops, or goes: the tests end, and say so.
    func cancelTests() {
        for cancel in Array(tests.values) { cancel() }
    }
}
