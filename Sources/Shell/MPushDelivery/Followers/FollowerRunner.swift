import MPushInbox
package import MPushModel
import MPushPlatform

/// What a follower confirms.
package enum Acknowledgement: Sendable {
    /// Each of these.
    case each([MessagePosition])
    /// This one and all before it.
    case upTo(MessagePosition)
}

/// The followers that have all there is, and take the next as it comes: they alone are told of what is stored, the others look
/// into the inbox in their own time.
final class FollowerListeners {
    private var runners: [ObjectIdentifier: FollowerRunner] = [:]

    var count: Int { runners.count }

    func set(_ runner: FollowerRunner, isListening: Bool) {
        runners[ObjectIdentifier(runner)] = isListening ? runner : nil
    }

    func stored(_ messages: [StoredMessage]) {
        for runner in Array(runners.values) { runner.stored(messages) }
    }
}

/// One named follower, connected or not: hands out, waits for confirmations, records them. Belongs to the event loop.
final class FollowerRunner {
    /// What a runner needs of its surroundings.
    struct Environment {
        let inbox: Inbox
        let timer: LoopTimer
        let acks: AckLedger
        let listeners: FollowerListeners
    }

    /// Who the messages go to.
    private struct Connection {
        let sink: any FollowerSink
        let window: Int
        /// Answers to questions of an earlier connection are of no use.
        let number: Int
        var isReady = true
        var isFetching = false
    }

    /// Messages that are asked for at once.
    private static let pageSize = 256
    /// Messages that may be confirmed while one before them is not: a follower that leaves one out gets no more at last.
    private static let mostAhead = 4096
    private static let retryWait = Duration.seconds(2)

    let name: String
    private let environment: Environment
    /// There once the inbox has said how far the follower has come.
    private var ledger: FollowerLedger?
    private var connection: Connection?
    private var connections = 0
    /// What came before the ledger is there.
    private var early: [(Acknowledgement, (InboxFailure?) -> Void)] = []
    private var isPaused = false
    private var owner: LoopTimer.Owner?
    private var recorder: ChangeRecorder?

    init(_ name: String, in environment: Environment) {
        self.name = name
        self.environment = environment
        owner = environment.timer.makeOwner { [weak self] _ in self?.pump() }
        recorder = ChangeRecorder(
            of: .follower(name), in: environment.inbox, timer: environment.timer,
            onRecorded: { [acks = environment.acks] changes in acks.recorded(changes) },
            onPaused: { [weak self] isPaused in
                self?.isPaused = isPaused
                // It did not listen meanwhile.
                self?.lookForMore()
            },
            onUnknown: { [weak self] in self?.end("the follower was removed") })
    }

    /// Asks the inbox how far the follower has come.
    func open(fromOldest: Bool, done: @escaping (InboxFailure?) -> Void) {
        environment.inbox.openConsumer(.follower(name), fromOldest: fromOldest) { [self] answer in
            let early = early
            self.early = []
            switch answer {
            case .success(let state):
                ledger = FollowerLedger(state, newest: environment.inbox.status.last)
                done(nil)
                for (acknowledgement, done) in early { acknowledge(acknowledgement, done: done) }
            case .failure(let failure):
                done(failure)
                for (_, done) in early { done(failure) }
            }
        }
    }

    // MARK: - The end

    /// The follower is gone.
    func disconnect() {
        connection = nil
        ledger?.disconnected()
        environment.listeners.set(self, isListening: false)
        if let owner { environment.timer.set(nil, for: owner) }
    }

    /// Takes the messages from the follower, and says why.
    func end(_ reason: String) {
        let sink = connection?.sink
        disconnect()
        sink?.followerEnded(reason)
    }

    /// Nothing is handed out any more; `done` is called when what it confirmed is recorded, or a last attempt at it has failed.
    func stop(_ reason: String, done: @escaping () -> Void) {
        end(reason)
        release()
        guard let recorder else { return done() }
        recorder.finish { [self] in
            self.recorder = nil
            done()
        }
    }

    /// What it knows is of an inbox that is gone.
    func abandon(_ reason: String) {
        end(reason)
        release()
        recorder?.cancel()
        recorder = nil
    }

    /// To be called before it is let go of: its last reference may be the inbox's thread's, where the timer must not be touched.
    private func release() {
        if let owner { environment.timer.remove(owner) }
        owner = nil
    }

    // MARK: - Handing out

    /// From now on messages go to `sink`.
    func connect(_ sink: any FollowerSink, window: Int) {
        connections += 1
        connection = Connection(sink: sink, window: max(1, window), number: connections)
        lookForMore()
    }

    func wantsMore() {
        connection?.isReady = true
        lookForMore()
    }

    /// These were stored just now; it listens, so all before them was handed out.
    func stored(_ messages: [StoredMessage]) {
        guard let first = messages.first?.position, let last = messages.last?.position else { return }
        // Where a position is left out, there may be something that was never handed over: the inbox knows.
        if let ledger, first == ledger.readTo.next, last.rawValue - first.rawValue == Int64(messages.count - 1),
            room >= messages.count
        {
            handOut(messages)
        } else {
            ledger?.newestIs(last)
        }
        pump()
    }

    private var room: Int {
        guard let ledger, let connection, !isPaused, ledger.settledAhead.count < FollowerRunner.mostAhead
        else { return 0 }
        return connection.window - ledger.unacknowledged
    }

    private func handOut(_ page: [StoredMessage], upTo end: MessagePosition = .start) {
        guard let messages = ledger?.handOut(page, upTo: end), !messages.isEmpty, let sink = connection?.sink
        else { return }
        let isReady = sink.take(messages)
        connection?.isReady = isReady
    }

    /// Something may have been stored since it listened last.
    private func lookForMore() {
        ledger?.newestIs(environment.inbox.status.last)
        pump()
    }

    private func pump() {
        guard let connection, connection.isReady, !connection.isFetching, room > 0, let ledger else {
            return environment.listeners.set(self, isListening: false)
        }
        guard !ledger.isLevel else { return environment.listeners.set(self, isListening: true) }
        environment.listeners.set(self, isListening: false)
        self.connection?.isFetching = true
        let (asked, newest) = (connection.number, ledger.newest)
        let query = MessageQuery(after: ledger.readTo, limit: min(room, FollowerRunner.pageSize))
        environment.inbox.messages(query) { [weak self] answer in
            guard let self, asked == self.connection?.number else { return }
            self.connection?.isFetching = false
            switch answer {
            case .success(let page):
                handOut(page.messages, upTo: newest)
                // What was confirmed one by one, while nobody was connected, is behind the cursor now.
                if let changes = self.ledger?.advance(), !changes.isEmpty { recorder?.record(changes) }
                lookForMore()
            case .failure:
                if let owner { environment.timer.set(environment.timer.now + FollowerRunner.retryWait, for: owner) }
            }
        }
    }

    // MARK: - Confirming

    func acknowledge(_ acknowledgement: Acknowledgement, done: @escaping (InboxFailure?) -> Void) {
        guard let ledger else { return early.append((acknowledgement, done)) }
        if let refusal = recorder?.refusal { return done(refusal) }
        let last = environment.inbox.status.last
        let isKnown = { (position: MessagePosition) in position > .start && position <= last }
        switch acknowledgement {
        case .each(let positions):
            let missing = positions.first { !isKnown($0) }
            record(self.ledger?.acknowledge(positions.filter(isKnown)) ?? []) { failure in
                done(failure ?? missing.map(FollowerRunner.noMessage))
            }
        case .upTo(let position):
            guard isKnown(position) else { return done(FollowerRunner.noMessage(at: position)) }
            guard position > ledger.readTo else { return acknowledged(upTo: position, others: [], done: done) }
            let after = ledger.readTo
            scan(to: position, after: after, found: []) { [self] result in
                switch result {
                case .success where (self.ledger?.readTo ?? after) < after:
                    // What was handed out went with the connection meanwhile: it is among the others now.
                    acknowledge(acknowledgement, done: done)
                case .success(let others): acknowledged(upTo: position, others: others, done: done)
                case .failure(let failure): done(failure)
                }
            }
        }
    }

    /// For what comes when the inbox has answered too late, and nothing is recorded any more.
    private static let over = InboxFailure(.busy, "another follower took the name, or mpushd is stopping")

    private static func noMessage(at position: MessagePosition) -> InboxFailure {
        InboxFailure(.noSuch, "There is no message at position \(position.rawValue)")
    }

    private func acknowledged(
        upTo position: MessagePosition, others: [MessagePosition], done: @escaping (InboxFailure?) -> Void
    ) {
        record(ledger?.acknowledge(upTo: position, others: others) ?? [], done: done)
    }

    private func record(_ changes: [ConsumerChange], done: @escaping (InboxFailure?) -> Void) {
        guard let recorder else { return done(FollowerRunner.over) }
        recorder.record(changes, done: done)
        lookForMore()
    }

    /// The messages that were not handed out, up to `position`.
    private func scan(
        to position: MessagePosition, after: MessagePosition, found: [MessagePosition],
        done: @escaping (Result<[MessagePosition], InboxFailure>) -> Void
    ) {
        environment.inbox.messages(MessageQuery(after: after, limit: 1000)) { [self] answer in
            switch answer {
            case .failure(let failure): done(.failure(failure))
            case .success(let page):
                let all = found + page.messages.map(\.position).filter { $0 <= position }
                guard let last = page.messages.last?.position, last < position else { return done(.success(all)) }
                scan(to: position, after: last, found: all, done: done)
            }
        }
    }
}
