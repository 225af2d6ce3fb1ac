import MPushInbox
package import MPushModel
import MPushPlatform

/// A named follower's hold on its messages, for as long as it is connected. Belongs to the event loop.
package final class Follower {
    private weak var runner: FollowerRunner?

    init(_ runner: FollowerRunner) {
        self.runner = runner
    }

    /// The sink can take more.
    package func wantsMore() { runner?.wantsMore() }

    /// The follower is gone; what it did not acknowledge is there when it comes back.
    package func close() {
        runner?.disconnect()
        runner = nil
    }
}

/// Who a follower's messages go to: a connection of the local API. Called on the event loop.
package protocol FollowerSink: AnyObject {
    /// Takes messages, in their order. False when that is enough for now: `Follower.wantsMore` asks for the next.
    func take(_ messages: [StoredMessage]) -> Bool
    /// The follower is over, for a reason in words: the inbox began anew, another took the name, the daemon ends.
    func followerEnded(_ reason: String)
}

/// All named followers that are or were connected. Belongs to the event loop.
final class FollowerTable {
    /// Told of each message that a follower has confirmed.
    var onConsumed: (MessagePosition) -> Void = { _ in }

    private let inbox: Inbox
    private let timer: LoopTimer
    private var runners: [String: FollowerRunner] = [:]
    private var whenStopped: (() -> Void)?
    private var isEnding = false
    /// Those that an inbox knew which is gone: they begin at the first message of the new one.
    private var namesOfInboxBefore: Set<String> = []

    init(inbox: Inbox, timer: LoopTimer) {
        self.inbox = inbox
        self.timer = timer
    }

    func follow(
        _ name: String, window: Int, fromOldest: Bool, sink: any FollowerSink,
        done: @escaping (Result<Follower, InboxFailure>) -> Void
    ) {
        runners[name]?.end("another follower took the name \(name)")
        runners[name]?.retire()
        let runner = makeRunner(name)
        let beginsAtOldest = fromOldest || namesOfInboxBefore.contains(name)
        runner.open(fromOldest: beginsAtOldest) { [weak self, weak runner] failure in
            guard let self, let runner else { return }
            if let failure {
                forget(runner)
                return done(.failure(failure))
            }
            guard runners[name] === runner, !isEnding else {
                return done(.failure(InboxFailure(.busy, "another follower took the name \(name)")))
            }
            done(.success(Follower(runner)))
            runner.connect(sink, window: window)
        }
    }

    func acknowledge(
        _ position: MessagePosition, upTo: Bool, by name: String, done: @escaping (InboxFailure?) -> Void
    ) {
        if let runner = runners[name] { return runner.acknowledge(position, upTo: upTo, done: done) }
        inbox.consumers { [weak self] answer in
            guard let self else { return done(InboxFailure(.busy, "the daemon ends")) }
            switch answer {
            case .failure(let failure): done(failure)
            case .success(let consumers) where consumers[.follower(name)] == nil:
                done(InboxFailure(.noSuch, "there is no follower \(name)"))
            case .success:
                let runner = runners[name] ?? openRunner(name)
                runner.acknowledge(position, upTo: upTo, done: done)
            }
        }
    }

    func stored(_ messages: [StoredMessage]) {
        for runner in runners.values { runner.stored(messages) }
    }

    /// What followers know is of an inbox that is gone.
    func inboxBegunAnew() {
        let old = Array(runners.values)
        runners = [:]
        for runner in old {
            namesOfInboxBefore.insert(runner.name)
            runner.end("the inbox began anew: its database was damaged")
            runner.retire()
        }
        if isEnding { checkWhetherStopped() }
    }

    /// Whether nothing is being recorded.
    var isStopped: Bool { runners.values.allSatisfy { $0.recording == 0 } }

    /// Ends all; `done` is called when everything is recorded, unless that is so already.
    func stop(done: @escaping () -> Void) {
        isEnding = true
        whenStopped = done
        for runner in Array(runners.values) {
            runner.onIdle = { [weak self] in self?.checkWhetherStopped() }
            runner.end("the daemon ends")
        }
    }

    private func checkWhetherStopped() {
        guard isStopped else { return }
        let done = whenStopped
        whenStopped = nil
        done?()
    }

    private func openRunner(_ name: String) -> FollowerRunner {
        let runner = makeRunner(name)
        runner.open(fromOldest: namesOfInboxBefore.contains(name)) { [weak self, weak runner] failure in
            guard failure != nil, let self, let runner else { return }
            forget(runner)
        }
        return runner
    }

    private func forget(_ runner: FollowerRunner) {
        guard runners[runner.name] === runner else { return }
        runners[runner.name] = nil
        runner.retire()
    }

    private func makeRunner(_ name: String) -> FollowerRunner {
        let runner = FollowerRunner(name, inbox: inbox, timer: timer) { [weak self] in self?.onConsumed($0) }
        runners[name] = runner
        return runner
    }
}
