import MPushInbox
import MPushModel
import MPushPlatform

/// One named follower, connected or not: hands out, waits for confirmations, records them. Belongs to the event loop.
final class FollowerRunner {
    private struct Acknowledgement {
        let position: MessagePosition
        let upTo: Bool
        let done: (InboxFailure?) -> Void
    }

    /// Messages that are asked for at once.
    private static let pageSize = 256
    /// Messages that may be confirmed while one before them is not: a follower that leaves one out gets no more at last.
    private static let mostAhead = 4096
    private static let retryWait = Duration.seconds(2)

    let name: String
    private let inbox: Inbox
    private let timer: LoopTimer
    private let onConsumed: (MessagePosition) -> Void
    private var ledger: FollowerLedger?
    private var window = 0
    private var sink: (any FollowerSink)?
    private var isReady = false
    private var isFetching = false
    /// Answers to questions of an earlier connection are of no use.
    private var connection = 0
    private var waitingAcknowledgements: [Acknowledgement] = []
    /// What could not be recorded goes with the next.
    private var unrecorded: [ConsumerChange] = []
    private var owner: LoopTimer.Owner?
    private(set) var recording = 0
    var onIdle: (() -> Void)?

    init(_ name: String, inbox: Inbox, timer: LoopTimer, onConsumed: @escaping (MessagePosition) -> Void) {
        self.name = name
        self.inbox = inbox
        self.timer = timer
        self.onConsumed = onConsumed
        owner = timer.makeOwner { [weak self] _ in self?.pump() }
    }

    /// Nothing is handed out any more; what is being recorded goes on. To be called before it is let go of: its last
    /// reference may be the inbox's thread's, where the timer must not be touched.
    func retire() {
        if let owner { timer.remove(owner) }
        owner = nil
    }

    /// Asks the inbox how far the follower has come.
    func open(fromOldest: Bool, done: @escaping (InboxFailure?) -> Void) {
        inbox.openConsumer(.follower(name), fromOldest: fromOldest) { [self] answer in
            switch answer {
            case .success(let state):
                ledger = FollowerLedger(state, newest: inbox.status.last)
                done(nil)
                let acknowledgements = waitingAcknowledgements
                waitingAcknowledgements = []
                for one in acknowledgements { acknowledge(one.position, upTo: one.upTo, done: one.done) }
            case .failure(let failure):
                done(failure)
                for one in waitingAcknowledgements { one.done(failure) }
                waitingAcknowledgements = []
            }
        }
    }

    // MARK: - Handing out

    /// From now on messages go to `sink`.
    func connect(_ sink: any FollowerSink, window: Int) {
        self.sink = sink
        self.window = max(1, window)
        isReady = true
        connection += 1
        pump()
    }

    func wantsMore() {
        isReady = true
        pump()
    }

    /// The follower is gone.
    func disconnect() {
        sink = nil
        isReady = false
        isFetching = false
        connection += 1
        ledger?.disconnected()
        if let owner { timer.set(nil, for: owner) }
    }

    /// Takes the messages from the follower, and says why.
    func end(_ reason: String) {
        let sink = sink
        disconnect()
        sink?.followerEnded(reason)
    }

    /// These were stored just now.
    func stored(_ messages: [StoredMessage]) {
        guard let first = messages.first?.position.rawValue, let last = messages.last?.position else { return }
        // Where a position is left out, there may be something that was never handed over: the inbox knows.
        if let ledger, ledger.isLevel, first == ledger.readTo.rawValue + 1,
            last.rawValue - first == Int64(messages.count - 1), room >= messages.count, isReady, !isFetching
        {
            handOut(messages)
        } else {
            ledger?.newestIs(last)
        }
        pump()
    }

    private var room: Int {
        guard let ledger, ledger.settledAhead.count < FollowerRunner.mostAhead else { return 0 }
        return window - ledger.unacknowledged.count
    }

    private func handOut(_ page: [StoredMessage], upTo end: MessagePosition = .start) {
        guard let messages = ledger?.handOut(page, upTo: end) else { return }
        if !messages.isEmpty, let sink { isReady = sink.take(messages) }
    }

    private func pump() {
        guard sink != nil, isReady, !isFetching, room > 0, let ledger, !ledger.isLevel else { return }
        isFetching = true
        let (asked, newest) = (connection, ledger.newest)
        let query = MessageQuery(after: ledger.readTo, limit: min(room, FollowerRunner.pageSize))
        inbox.messages(query) { [weak self] answer in
            guard let self, asked == connection else { return }
            isFetching = false
            switch answer {
            case .success(let page):
                handOut(page.messages, upTo: newest)
                // What was confirmed one by one, while nobody was connected, is behind the cursor now.
                if let changes = self.ledger?.advance(), !changes.isEmpty { record(changes) { _ in } }
                pump()
            case .failure:
                if let owner { timer.set(BootClock.now() + FollowerRunner.retryWait, for: owner) }
            }
        }
    }

    // MARK: - Confirming

    func acknowledge(_ position: MessagePosition, upTo: Bool, done: @escaping (InboxFailure?) -> Void) {
        guard let ledger else {
            return waitingAcknowledgements.append(Acknowledgement(position: position, upTo: upTo, done: done))
        }
        guard position <= max(ledger.newest, inbox.status.last), position > .start else {
            return done(InboxFailure(.noSuch, "there is no message at position \(position.rawValue)"))
        }
        if upTo, position > ledger.readTo {
            return scan(to: position, after: ledger.readTo, found: []) { [self] result in
                switch result {
                case .success(let others): acknowledged(upTo: position, others: others, done: done)
                case .failure(let failure): done(failure)
                }
            }
        }
        if upTo { return acknowledged(upTo: position, others: [], done: done) }
        record(self.ledger?.acknowledge(position) ?? [], done: done)
        pump()
    }

    private func acknowledged(
        upTo position: MessagePosition, others: [MessagePosition], done: @escaping (InboxFailure?) -> Void
    ) {
        record(ledger?.acknowledge(upTo: position, others: others) ?? [], done: done)
        pump()
    }

    /// The messages that were not handed out, up to `position`.
    private func scan(
        to position: MessagePosition, after: MessagePosition, found: [MessagePosition],
        done: @escaping (Result<[MessagePosition], InboxFailure>) -> Void
    ) {
        inbox.messages(MessageQuery(after: after, limit: 1000)) { [self] answer in
            switch answer {
            case .failure(let failure): done(.failure(failure))
            case .success(let page):
                let all = found + page.messages.map(\.position).filter { $0 <= position }
                guard let last = page.messages.last?.position, last < position else { return done(.success(all)) }
                scan(to: position, after: last, found: all, done: done)
            }
        }
    }

    private func record(_ changes: [ConsumerChange], done: @escaping (InboxFailure?) -> Void) {
        let all = unrecorded + changes
        unrecorded = []
        guard !all.isEmpty else { return done(nil) }
        recording += 1
        inbox.record(all, of: .follower(name)) { [self] failure in
            recording -= 1
            if failure == nil {
                for case .consumed(let position) in all { onConsumed(position) }
            } else if failure?.kind == .noSuch {
                end("the follower was removed")
            } else {
                unrecorded = all + unrecorded
            }
            done(failure)
            if recording == 0 { onIdle?() }
        }
    }
}
