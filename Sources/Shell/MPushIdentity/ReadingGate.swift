/// Says when a connection must not be read any further, and when it may be again: by what it has that is not confirmed, and by
/// what all connections have together. Belongs to the event loop.
final class ReadingGate {
    static let mostMessages = 4096
    static let mostBytes = 4 << 20

    private let budget: IntakeBudget
    private let onOpen: () -> Void
    private var messages = 0
    private var bytes = 0
    /// Whether reading stopped.
    private(set) var isClosed = false
    private var isWaitingForBudget = false

    /// Open. `onOpen` is called each time that reading may go on after it had to stop.
    init(_ budget: IntakeBudget, onOpen: @escaping () -> Void) {
        self.budget = budget
        self.onOpen = onOpen
    }

    /// True when reading has to stop because of this.
    func received(messages: Int, bytes: Int) -> Bool {
        self.messages += messages
        self.bytes += bytes
        guard !isClosed else { return false }
        isClosed = budget.isSpent || self.messages >= ReadingGate.mostMessages || self.bytes >= ReadingGate.mostBytes
        waitForBudget()
        return isClosed
    }

    /// Part of it is confirmed, or never will be.
    func confirmed(messages: Int, bytes: Int) {
        self.messages -= messages
        self.bytes -= bytes
        openIfFree()
    }

    private func openIfFree() {
        guard isClosed else { return }
        // Others may have spent the budget after this one stopped for itself: then nothing of its own will wake it.
        guard !budget.isSpent else { return waitForBudget() }
        guard messages <= ReadingGate.mostMessages / 2, bytes <= ReadingGate.mostBytes / 2 else { return }
        isClosed = false
        onOpen()
    }

    private func waitForBudget() {
        guard isClosed, budget.isSpent, !isWaitingForBudget else { return }
        isWaitingForBudget = true
        budget.whenFree { [weak self] in
            self?.isWaitingForBudget = false
            self?.openIfFree()
        }
    }
}
