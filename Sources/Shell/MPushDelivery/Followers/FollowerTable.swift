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
    private enum Phase {
        case running
        /// Those that end are not recorded yet; then this is called.
        case stopping(() -> Void)
        case stopped
    }

    /// Those that are told of what is stored.
    let listeners = FollowerListeners()
    private let environment: FollowerRunner.Environment
    private var runners: [String: FollowerRunner] = [:]
    /// Stopped, and not recorded to their end; of a name there may be several.
    private var ending: [ObjectIdentifier: FollowerRunner] = [:]
    private var phase = Phase.running
    /// Those that an inbox knew which is gone: they begin at the first message of the new one.
    private var namesOfInboxBefore: Set<String> = []

    init(inbox: Inbox, timer: LoopTimer, acks: AckLedger) {
        environment = FollowerRunner.Environment(inbox: inbox, timer: timer, acks: acks, listeners: listeners)
    }

    func follow(
        _ name: String, window: Int, fromOldest: Bool, sink: any FollowerSink,
        done: @escaping (Result<Follower, InboxFailure>) -> Void
    ) {
        guard case .running = phase else { return done(.failure(FollowerTable.stopping)) }
        if let before = runners[name] { end(before, "another follower took the name \(name)") }
        let runner = makeRunner(name)
        let beginsAtOldest = fromOldest || namesOfInboxBefore.contains(name)
        runner.open(fromOldest: beginsAtOldest) { [weak self, weak runner] failure in
            guard let self, let runner else { return }
            if let failure {
                forget(runner)
                return done(.failure(failure))
            }
            guard case .running = phase else { return done(.failure(FollowerTable.stopping)) }
            guard runners[name] === runner else {
                return done(.failure(InboxFailure(.busy, "another follower took the name \(name)")))
            }
            done(.success(Follower(runner)))
            runner.connect(sink, window: window)
        }
    }

    func acknowledge(
        _ acknowledgement: Acknowledgement, by name: String, done: @escaping (InboxFailure?) -> Void
    ) {
        guard case .running = phase else { return done(FollowerTable.stopping) }
        if let runner = runners[name] { return runner.acknowledge(acknowledgement, done: done) }
        environment.inbox.knows(.follower(name)) { [weak self] answer in
            guard let self, case .running = phase else { return done(FollowerTable.stopping) }
            switch answer {
            case .failure(let failure): done(failure)
            case .success(false): done(InboxFailure(.noSuch, "There is no consumer \(name)"))
            case .success(true):
                let runner = runners[name] ?? openRunner(name)
                runner.acknowledge(acknowledgement, done: done)
            }
        }
    }

    /// These were stored just now.
    func stored(_ messages: [StoredMessage]) { listeners.stored(messages) }

    /// What followers know is of an inbox that is gone.
    func inboxBegunAnew() {
        let (old, over) = (Array(runners.values), Array(ending.values))
        (runners, ending) = ([:], [:])
        for runner in old + over {
            namesOfInboxBefore.insert(runner.name)
            runner.abandon("the inbox was replaced: its database was damaged")
        }
        checkWhetherStopped()
    }

    /// Whether all is recorded.
    var isStopped: Bool { if case .stopped = phase { true } else { false } }

    /// Ends all; `done` is called when everything is recorded.
    func stop(done: @escaping () -> Void) {
        guard case .running = phase else { return }
        for runner in Array(runners.values) { end(runner, "the daemon is stopping") }
        phase = .stopping(done)
        checkWhetherStopped()
    }

    private func end(_ runner: FollowerRunner, _ reason: String) {
        ending[ObjectIdentifier(runner)] = runner
        runner.stop(reason) { [weak self, weak runner] in
            guard let self, let runner else { return }
            ending[ObjectIdentifier(runner)] = nil
            checkWhetherStopped()
        }
    }

    private func checkWhetherStopped() {
        guard case .stopping(let done) = phase, ending.isEmpty else { return }
        phase = .stopped
        done()
    }

    private static let stopping = InboxFailure(.busy, "the daemon is stopping")

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
        end(runner, "the inbox does not answer")
    }

    private func makeRunner(_ name: String) -> FollowerRunner {
        let runner = FollowerRunner(name, in: environment)
        runners[name] = runner
        return runner
    }
}
