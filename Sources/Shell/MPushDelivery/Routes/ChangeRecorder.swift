import MPushInbox
import MPushModel
import MPushPlatform

/// Has a consumer's changes recorded, in their order and one batch at a time: what comes while the inbox writes goes with
/// the next. What cannot be recorded is kept, and tried again. Belongs to the event loop.
final class ChangeRecorder {
    /// Changes that wait; with more, the consumer is to wait as well.
    static let mostWaiting = 256
    private static let waits = (shortest: Duration.seconds(1), longest: Duration.seconds(30))

    private let consumer: ConsumerName
    private let inbox: Inbox
    private let timer: LoopTimer
    private let onRecorded: ([ConsumerChange]) -> Void
    private let onPaused: (Bool) -> Void
    private var owner: LoopTimer.Owner?
    private var waiting: [ConsumerChange] = []
    private var isWriting = false
    private var isPaused = false
    private var wait = waits.shortest
    private var whenIdle: (() -> Void)?

    /// - Parameters:
    ///   - onRecorded: hears what is written.
    ///   - onPaused: hears when too much waits, and when that is over.
    init(
        of consumer: ConsumerName, in inbox: Inbox, timer: LoopTimer,
        onRecorded: @escaping ([ConsumerChange]) -> Void, onPaused: @escaping (Bool) -> Void
    ) {
        self.consumer = consumer
        self.inbox = inbox
        self.timer = timer
        self.onRecorded = onRecorded
        self.onPaused = onPaused
    }

    func record(_ changes: [ConsumerChange]) {
        for change in changes {
            if case .advanced = change {
                waiting.removeAll { if case .advanced = $0 { true } else { false } }
            }
            waiting.append(change)
        }
        if waiting.count > ChangeRecorder.mostWaiting, !isPaused {
            isPaused = true
            onPaused(true)
        }
        if owner == nil { write() }
    }

    /// Calls `done` when all is recorded, or a last attempt at it has failed.
    func finish(_ done: @escaping () -> Void) {
        whenIdle = done
        stopWaiting()
        write()
    }

    /// Forgets what waits.
    func cancel() {
        waiting = []
        stopWaiting()
    }

    private func write() {
        guard !isWriting else { return }
        guard !waiting.isEmpty else {
            let done = whenIdle
            whenIdle = nil
            done?()
            return
        }
        isWriting = true
        let batch = waiting
        waiting = []
        inbox.record(batch, of: consumer) { [self] failure in written(batch, failure) }
    }

    private func written(_ batch: [ConsumerChange], _ failure: InboxFailure?) {
        isWriting = false
        // Of a consumer that is not there any more there is nothing to record.
        guard let failure, failure.kind != .noSuch else {
            wait = ChangeRecorder.waits.shortest
            onRecorded(batch)
            if isPaused, waiting.isEmpty {
                isPaused = false
                onPaused(false)
            }
            return write()
        }
        if whenIdle != nil {
            waiting = []
            return write()
        }
        waiting = batch + waiting
        let owner = timer.makeOwner { [weak self] _ in
            self?.stopWaiting()
            self?.write()
        }
        self.owner = owner
        timer.set(BootClock.now() + wait, for: owner)
        wait = min(wait + wait, ChangeRecorder.waits.longest)
    }

    private func stopWaiting() {
        if let owner { timer.remove(owner) }
        owner = nil
    }
}
