import MPushSession
import NIOCore

/// How much was received on a connection and is not confirmed yet, with the bounds at which reading stops and goes on.
struct MessageIntake {
    private static let mostMessages = 4096
    private static let mostBytes = 4 << 20

    private var messages = 0
    private var bytes = 0
    private var isFull = false

    /// True when it became full: stop reading.
    mutating func add(_ batch: [ReceivedMessage]) -> Bool {
        messages += batch.count
        bytes += MessageIntake.size(of: batch)
        guard !isFull, messages >= MessageIntake.mostMessages || bytes >= MessageIntake.mostBytes else { return false }
        isFull = true
        return true
    }

    /// True when it is half empty again: read on.
    mutating func remove(_ batch: [ReceivedMessage]) -> Bool {
        messages -= batch.count
        bytes -= MessageIntake.size(of: batch)
        guard isFull, messages <= MessageIntake.mostMessages / 2, bytes <= MessageIntake.mostBytes / 2 else {
            return false
        }
        isFull = false
        return true
    }

    private static func size(of batch: [ReceivedMessage]) -> Int {
        batch.reduce(0) { $0 + $1.content.readableBytes }
    }
}
