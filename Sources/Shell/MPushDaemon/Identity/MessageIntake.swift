import MPushSession
import NIOCore

/// How much was received on a connection and is not confirmed yet, with the bounds at which reading stops and goes on.
struct MessageIntake {
    private static let mostMessages = 4096
    private static let mostBytes = 4 << 20

    private var messages = 0
    private var bytes = 0
    /// Whether reading stopped.
    private(set) var isFull = false

    /// True when it became full: stop reading. `isBudgetSpent` says that all connections together are.
    mutating func add(messages: Int, bytes: Int, isBudgetSpent: Bool) -> Bool {
        self.messages += messages
        self.bytes += bytes
        guard !isFull else { return false }
        isFull =
            isBudgetSpent || self.messages >= MessageIntake.mostMessages || self.bytes >= MessageIntake.mostBytes
        return isFull
    }

    /// Part of it is confirmed.
    mutating func remove(messages: Int, bytes: Int) {
        self.messages -= messages
        self.bytes -= bytes
    }

    /// True when it was full and is half empty again: read on. Nothing changes while the budget is spent.
    mutating func isFreeAgain(isBudgetSpent: Bool) -> Bool {
        guard isFull, !isBudgetSpent, messages <= MessageIntake.mostMessages / 2, bytes <= MessageIntake.mostBytes / 2
        else { return false }
        isFull = false
        return true
    }
}
