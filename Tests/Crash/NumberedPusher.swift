import Foundation
import MPushSimulator
import NIOConcurrencyHelpers
import NIOCore

/// Pushes numbered messages as long as somebody is there to take them, each until it is acknowledged: as a sender does
/// that wants to be sure.
final class NumberedPusher: Sendable {
    private struct State {
        var next = 1
        /// To be pushed again: nobody acknowledged them.
        var open: [Int] = []
        var underWay = 0
        var acknowledged: Set<String> = []
        var isStopped = false
    }

    private static let mostUnderWay = 32

    private let simulator: Simulator
    private let state = NIOLockedValueBox(State())

    init(_ simulator: Simulator) {
        self.simulator = simulator
    }

    func start() {
        simulator.loop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(4)) { [self] task in
            if state.withLockedValue({ $0.isStopped }) { return task.cancel() }
            pushSome()
        }
    }

    /// Pushes nothing new, and waits for the reports of what is under way.
    func stop() throws {
        state.withLockedValue { $0.isStopped = true }
        while state.withLockedValue({ $0.underWay }) > 0 { usleep(10_000) }
    }

    func acknowledged() throws -> Set<String> { state.withLockedValue { $0.acknowledged } }

    /// All that were pushed at all.
    func pushed() -> Set<String> { Set((1..<state.withLockedValue { $0.next }).map { "m\($0)" }) }

    /// The id in a message's content.
    static func id(_ content: Data) -> String? {
        guard let object = try? JSONSerialization.jsonObject(with: content) as? [String: Any] else { return nil }
        return object["msgId"] as? String
    }

    private func pushSome() {
        for _ in 0..<4 {
            let number = state.withLockedValue { state -> Int? in
                guard state.underWay < NumberedPusher.mostUnderWay else { return nil }
                state.underWay += 1
                if let again = state.open.popLast() { return again }
                defer { state.next += 1 }
                return state.next
            }
            guard let number else { return }
            push(number)
        }
    }

    private func push(_ number: Int) {
        let content = #"{"msgId":"m\#(number)","msgType":2,"content":"message number \#(number)"}"#
        simulator.push(ByteBuffer(string: content), to: "alice").whenComplete { [self] result in
            let reports = (try? result.get()) ?? []
            let isAcknowledged = reports.contains { if case .acknowledged = $0.outcome { true } else { false } }
            state.withLockedValue { state in
                state.underWay -= 1
                if isAcknowledged { state.acknowledged.insert("m\(number)") } else { state.open.append(number) }
            }
        }
    }
}
