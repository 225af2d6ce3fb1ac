import MPushConfiguration
import MPushInbox
import MPushModel
import MPushPlatform
import MPushRouting
import MPushSystemd

/// An attempt at a message that is over.
struct AttemptEnd {
    let message: StoredMessage
    let result: AttemptResult
    let attempt: Int
    let begun: Instant

    /// - Parameter result: is kept within bounds.
    init(message: StoredMessage, result: AttemptResult, attempt: Int, begun: Instant) {
        self.message = message
        self.result = result.bounded
        self.attempt = attempt
        self.begun = begun
    }

    /// The same in the same order, those that were confirmed one after another together.
    static func runs(of ends: [AttemptEnd]) -> [ArraySlice<AttemptEnd>] {
        var runs: [ArraySlice<AttemptEnd>] = []
        var begin = ends.startIndex
        for index in ends.indices where ends[index].result != .confirmed {
            if begin < index { runs.append(ends[begin..<index]) }
            runs.append(ends[index...index])
            begin = index + 1
        }
        if begin < ends.endIndex { runs.append(ends[begin...]) }
        return runs
    }
}

extension RouteSchedule.Settings {
    init(_ route: RouteSettings) {
        let isStream = if case .stream = route.target { true } else { false }
        self.init(
            concurrency: route.concurrency, retry: route.retry, mostPerMinute: route.mostPerMinute, isStream: isStream)
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
