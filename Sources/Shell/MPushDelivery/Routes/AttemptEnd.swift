import MPushConfiguration
import MPushInbox
import MPushModel
import MPushPlatform
import MPushRouting
import MPushSystemd

/// An attempt that is over: at a message, or at several together.
struct AttemptEnd {
    let messages: [AttemptedMessage]
    let result: BatchResult
    let begun: Instant

    /// - Parameter result: is kept within bounds.
    init(_ messages: [AttemptedMessage], _ result: BatchResult, begun: Instant) {
        self.messages = messages
        self.result = result.bounded
        self.begun = begun
    }

    var positions: [MessagePosition] { messages.map(\.message.position) }

    /// What there is to say to those who count attempts: the failure of several together is one failure.
    var told: [(attempted: AttemptedMessage, result: AttemptResult)] {
        switch result {
        case .whole(.confirmed): messages.map { ($0, .confirmed) }
        case .whole(let result): messages.prefix(1).map { ($0, result) }
        case .each(let results): zip(messages, results).map { ($0, $1) }
        }
    }

    /// The same in the same order, those that were confirmed one after another together.
    static func runs(of ends: [AttemptEnd]) -> [ArraySlice<AttemptEnd>] {
        var runs: [ArraySlice<AttemptEnd>] = []
        var begin = ends.startIndex
        for index in ends.indices where ends[index].result != .whole(.confirmed) {
            if begin < index { runs.append(ends[begin..<index]) }
            runs.append(ends[index...index])
            begin = index + 1
        }
        if begin < ends.endIndex { runs.append(ends[begin...]) }
        return runs
    }
}

extension RouteRunner {
    /// What a runner needs of its surroundings.
    struct Environment {
        let inbox: Inbox
        let timer: LoopTimer
        let targets: RouteTargets
        let acks: AckLedger
        let log: Logger
        /// The observer is asked for each time, since it is not kept alive.
        let observer: () -> (any DeliveryObserver)?
    }
}
