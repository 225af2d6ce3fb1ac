import Glibc
import MPushControl
import MPushModel
import MPushPlatform

/// Runs a command for each message, one after the other, and acknowledges those with which it ended with status 0. One with
/// which it did not is asked for again after a wait: the daemon knows whether it is still wanted.
final class ExecFollower {
    /// The message that is dealt with now.
    private struct Turn {
        let position: MessagePosition
        let id: String
        var attempts = 0
        /// The command is done with it; whether the daemon knows is not known.
        var isDone = false
    }

    private let client: ControlClient
    private let terminal: Terminal
    private let question: FollowQuestion
    private let consumer: String
    private let command: ShellCommand
    private var turn: Turn?

    init(
        _ command: String, as consumer: String, from start: FollowQuestion.Start, _ client: ControlClient,
        _ terminal: Terminal
    ) {
        self.command = ShellCommand(text: command)
        self.consumer = consumer
        self.terminal = terminal
        var question = FollowQuestion()
        (question.consumer, question.start, question.window) = (consumer, start, 1)
        self.question = question
        var client = client
        // A disk may take longer; then the message comes again, and is acknowledged without being run.
        client.patience = .seconds(10)
        self.client = client
    }

    /// How long to wait after so many attempts at a message.
    static func wait(after attempts: Int) -> Duration { .seconds(attempts > 6 ? 60 : 1 << max(0, attempts - 1)) }

    /// Follows until the stream ends, or a message is to be tried again.
    func follow() throws(ControlFailure) -> StreamOutcome {
        let reader = try client.stream(ControlAPI.followMessages, question)
        var hadLines = false
        do throws(ControlFailure) {
            while let line = try reader.nextLine() {
                switch try StreamLine<StoredMessage>(line) {
                case .keepalive: break
                case .end(let reason): return StreamOutcome(reason: reason, hadLines: hadLines)
                case .value(let message):
                    hadLines = true
                    if let wait = try deal(with: message, reading: reader) {
                        return StreamOutcome(reason: nil, hadLines: true, wait: wait)
                    }
                }
            }
        } catch {
            guard error.isPassing else { throw error }
        }
        return StreamOutcome(reason: nil, hadLines: hadLines)
    }

    /// How long to wait before it is to be tried again; nil where it is acknowledged.
    private func deal(with message: StoredMessage, reading reader: ResponseReader) throws(ControlFailure) -> Duration? {
        var turn = turn ?? Turn(position: message.position, id: message.id)
        if turn.position != message.position || turn.id != message.id {
            turn = Turn(position: message.position, id: message.id)
        }
        let signals = try DeferredSignals()
        defer { signals.release() }
        if !turn.isDone {
            turn.attempts += 1
            setEnvironment(message, attempt: turn.attempts)
            let end = command.run(
                on: MessageContent(message.content).bytes, signals, reading: reader, terminal)
            turn.isDone = end == .exited(0)
            self.turn = turn
            if let failure = ExecFollower.text(of: end) {
                let wait = ExecFollower.wait(after: turn.attempts)
                let name = "message \(message.position.rawValue) (\(message.id.shown(atMost: 64)))"
                terminal.note(
                    "mpushctl: \(name): \(failure); it is not acknowledged, and tried again in \(wait.humanReadable)")
                return wait
            }
        }
        try client.send(
            ControlAPI.acknowledge,
            ConsumerRequest(consumer: consumer, AckRequest.positions([message.position.rawValue])))
        // Where it comes once more, it is wanted once more: the name was removed, and begins again.
        self.turn = nil
        return nil
    }

    /// Ours, which the command inherits: there is no other thread that reads it.
    private func setEnvironment(_ message: StoredMessage, attempt: Int) {
        let more = [("MPUSH_CONSUMER", consumer), ("MPUSHD_SOCKET", client.path)]
        for (name, value) in message.environment(attempt: attempt) + more { setenv(name, value, 1) }
    }

    private static func text(of end: ShellCommand.End) -> String? {
        switch end {
        case .exited(0): nil
        case .exited(let status): "the program ended with status \(status)"
        case .killed(let number):
            "the program was ended by signal \(number) (\(strsignal(number).map { String(cString: $0) } ?? "unknown"))"
        case .notStarted(let number): "/bin/sh cannot be started: \(OSError.text(for: number))"
        }
    }
}
