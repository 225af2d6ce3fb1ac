import MPushModel
package import MPushPlatform
import Synchronization

/// Hands records to another sink in their order, but on a short thread: a journal or a terminal that does not take them
/// (journald stalls, somebody presses Ctrl-S) so holds up no connection. Usable from any thread.
package final class BackgroundSink: LogSink {
    private struct State {
        var waiting: [LogRecord] = []
        var lost = 0
        var isWriting = false
    }

    /// Records that wait at most; what comes on top of them is lost, and that is said.
    static let mostWaiting = 1024

    private let sink: any LogSink
    private let clock: any ClockSource
    private let threads: any ThreadStarter
    private let state = Mutex(State())

    package init(writingTo sink: any LogSink, clock: any ClockSource, threads: any ThreadStarter) {
        self.sink = sink
        self.threads = threads
        self.clock = clock
    }

    package func write(_ record: LogRecord) {
        let mustStart = state.withLock { state in
            guard state.waiting.count < BackgroundSink.mostWaiting else {
                state.lost += 1
                return false
            }
            state.waiting.append(record)
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if mustStart { startWriting() }
    }

    /// Waits until all is written, for `limit` at most: for the end of the program.
    package func flush(within limit: Duration) {
        ShortThreads.wait(upTo: limit, by: clock) { !state.withLock { $0.isWriting } }
    }

    private func startWriting() {
        do throws(OSError) {
            try threads.run { [self] in writeAll() }
        } catch {
            writeAll()
        }
    }

    private func writeAll() {
        while let records = take() {
            for record in records { sink.write(record) }
        }
    }

    /// What waits, with a word about what was lost; nil, and the writing is over, where there is nothing.
    private func take() -> [LogRecord]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isWriting = false
                return nil
            }
            defer { state = State(isWriting: true) }
            guard state.lost > 0 else { return state.waiting }
            let text = "\(state.lost) lines of the log were lost: they came faster than they were taken"
            return state.waiting + [LogRecord(level: .warning, event: nil, text: text, fields: [])]
        }
    }
}
