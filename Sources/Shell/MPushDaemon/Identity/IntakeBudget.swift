/// How much all identities together may have received and not confirmed yet: a disk that stalls must not fill the
/// memory of a daemon with a thousand connections. Belongs to its event loop.
final class IntakeBudget {
    private static let mostMessages = 32 * 1024
    private static let mostBytes = 32 << 20

    private var messages = 0
    private var bytes = 0
    private var waiting: [() -> Void] = []

    /// Whether reading has to stop.
    var isSpent: Bool { messages >= IntakeBudget.mostMessages || bytes >= IntakeBudget.mostBytes }

    func take(messages: Int, bytes: Int) {
        self.messages += messages
        self.bytes += bytes
    }

    func giveBack(messages: Int, bytes: Int) {
        self.messages -= messages
        self.bytes -= bytes
        guard !waiting.isEmpty, self.messages <= IntakeBudget.mostMessages / 2,
            self.bytes <= IntakeBudget.mostBytes / 2
        else { return }
        let waiting = self.waiting
        self.waiting = []
        for resume in waiting { resume() }
    }

    /// Calls `resume` once, when half of it is free again.
    func whenFree(_ resume: @escaping () -> Void) {
        waiting.append(resume)
    }
}
