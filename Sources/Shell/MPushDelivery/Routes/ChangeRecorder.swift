import MPushInbox
import MPushModel
import MPushPlatform

/// Has the changes of a consumer, a route or a follower, recorded in their order and one batch at a time: what comes while the
/// inbox writes goes with the next. What cannot be recorded is kept, and tried again. Belongs to the event loop.
final class ChangeRecorder {
    typealias Completion = (InboxFailure?) -> Void

    /// Changes that wait; with more, the consumer is to wait as well. A stream answers for a whole window at once, and is to
    /// have the next ones while these are written.
    static let mostWaiting = 2048
    private static let waits = (shortest: Duration.seconds(1), longest: Duration.seconds(30))

    private enum Phase {
        case idle
        /// The inbox writes a batch; these hear of it.
        case writing([Completion])
        /// It could not; it is tried again at the owner's deadline.
        case waiting(LoopTimer.Owner, InboxFailure)
        /// What it knows is of an inbox that is gone.
        case cancelled
    }

    private let consumer: ConsumerName
    private let inbox: Inbox
    private let timer: LoopTimer
    private let onRecorded: ([ConsumerChange]) -> Void
    private let onPaused: (Bool) -> Void
    private let onUnknown: () -> Void
    private var phase = Phase.idle
    private var changes: [ConsumerChange] = []
    /// Hear of the next batch.
    private var completions: [Completion] = []
    private var isPaused = false
    private var wait = waits.shortest
    private var whenIdle: (() -> Void)?

    /// - Parameters:
    ///   - onRecorded: hears what is written.
    ///   - onPaused: hears when too much waits, and when that is over.
    ///   - onUnknown: hears that the inbox does not know the consumer any more: nothing of it is to be recorded.
    init(
        of consumer: ConsumerName, in inbox: Inbox, timer: LoopTimer,
        onRecorded: @escaping ([ConsumerChange]) -> Void, onPaused: @escaping (Bool) -> Void = { _ in },
        onUnknown: @escaping () -> Void = {}
    ) {
        self.consumer = consumer
        self.inbox = inbox
        self.timer = timer
        self.onRecorded = onRecorded
        self.onPaused = onPaused
        self.onUnknown = onUnknown
    }

    /// Why no more is taken: too much waits for an inbox that fails. Nil while there is room.
    var refusal: InboxFailure? {
        guard isPaused, case .waiting(_, let failure) = phase else { return nil }
        return failure
    }

    /// Records `new`. `done` hears once it is written, or why it is not: it is kept all the same, and tried again.
    func record(_ new: [ConsumerChange], done: Completion? = nil) {
        for change in new {
            if case .advanced = change, case .advanced? = changes.last { changes.removeLast() }
            changes.append(change)
        }
        if changes.count > ChangeRecorder.mostWaiting, !isPaused {
            isPaused = true
            onPaused(true)
        }
        switch phase {
        case .idle:
            if let done { completions.append(done) }
            write()
        case .writing(var waiting):
            guard let done else { break }
            // Said a second time: what it is about is on its way.
            if changes.isEmpty {
                waiting.append(done)
                phase = .writing(waiting)
            } else {
                completions.append(done)
            }
        case .waiting(_, let failure): done?(failure)
        case .cancelled: done?(ChangeRecorder.gone)
        }
    }

    /// Calls `done` when all is recorded, or a last attempt at it has failed.
    func finish(_ done: @escaping () -> Void) {
        whenIdle = done
        stopWaiting()
        if case .idle = phase { write() }
    }

    /// Forgets what waits, and hears no more of what is being written.
    func cancel() {
        stopWaiting()
        var waiting = completions
        if case .writing(let others) = phase { waiting += others }
        (changes, completions, phase) = ([], [], .cancelled)
        for done in waiting { done(ChangeRecorder.gone) }
    }

    private static let gone = InboxFailure(.busy, "the inbox was replaced")

    private func write() {
        let (batch, waiting) = (changes, completions)
        (changes, completions) = ([], [])
        guard !batch.isEmpty else {
            phase = .idle
            for done in waiting { done(nil) }
            guard case .idle = phase, let done = whenIdle else { return }
            whenIdle = nil
            return done()
        }
        phase = .writing(waiting)
        inbox.record(batch, of: consumer) { [self] failure in written(batch, failure) }
    }

    private func written(_ batch: [ConsumerChange], _ failure: InboxFailure?) {
        guard case .writing(let waiting) = phase else { return }
        phase = .idle
        if let failure, failure.kind != .noSuch {
            notWritten(batch, failure)
        } else {
            wait = ChangeRecorder.waits.shortest
            if failure == nil { onRecorded(batch) } else { onUnknown() }
            if isPaused, changes.isEmpty {
                isPaused = false
                onPaused(false)
            }
        }
        for done in waiting { done(failure) }
        if case .idle = phase { write() }
    }

    private func notWritten(_ batch: [ConsumerChange], _ failure: InboxFailure) {
        let late = completions
        completions = []
        defer { for done in late { done(failure) } }
        guard whenIdle == nil else {
            changes = []
            return
        }
        changes = batch + changes
        let owner = timer.makeOwner { [weak self] _ in
            self?.stopWaiting()
            self?.write()
        }
        phase = .waiting(owner, failure)
        timer.set(timer.now + wait, for: owner)
        wait = min(wait + wait, ChangeRecorder.waits.longest)
    }

    private func stopWaiting() {
        guard case .waiting(let owner, _) = phase else { return }
        timer.remove(owner)
        phase = .idle
    }
}
