import MPushModel
import MPushPlatform
import Synchronization
import Testing

@testable import MPushSystemd

/// The log on a thread of its own.
@Suite struct BackgroundSinkTests {
    /// A journal that takes nothing until it is told to.
    private final class StuckSink: LogSink {
        let taken = MemorySink()
        private let gate = Mutex(())

        func write(_ record: LogRecord) {
            gate.withLock { _ in taken.write(record) }
        }

        /// Holds up all writing while `body` runs.
        func holding(_ body: () -> Void) { gate.withLock { _ in body() } }
    }

    private func record(_ number: Int) -> LogRecord {
        LogRecord(level: .info, event: nil, text: "\(number)", fields: [])
    }

    @Test func aSinkThatIsStuckHoldsUpNobodyAndTheOrderStays() {
        let stuck = StuckSink()
        let sink = BackgroundSink(writingTo: stuck, clock: MachineClock(), threads: ShortThreads())
        stuck.holding {
            for number in 0..<500 { sink.write(record(number)) }
            sink.flush(within: .milliseconds(20))
            #expect(stuck.taken.records.isEmpty)
        }
        sink.flush(within: .seconds(20))
        #expect(stuck.taken.records.map(\.text) == (0..<500).map(String.init))
    }

    @Test func whatIsTooMuchIsLostAndThatIsSaid() {
        let stuck = StuckSink()
        let sink = BackgroundSink(writingTo: stuck, clock: MachineClock(), threads: ShortThreads())
        let count = 3 * BackgroundSink.mostWaiting
        stuck.holding { for number in 0..<count { sink.write(record(number)) } }
        sink.flush(within: .seconds(20))
        // The thread may have taken a first batch, with its own word about what was lost, before it was held up.
        let texts = stuck.taken.records.map(\.text)
        let words = texts.filter { $0.contains("lines of the log were lost") }
        let lost = words.compactMap { Int($0.prefix { $0.isNumber }) }.reduce(0, +)
        #expect(!words.isEmpty)
        #expect(texts.count - words.count + lost == count)
        #expect(lost >= count - 2 * BackgroundSink.mostWaiting)
    }
}
