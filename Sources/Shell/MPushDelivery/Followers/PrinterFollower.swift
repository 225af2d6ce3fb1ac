import MPushModel
import MPushPlatform
import MPushSystemd

/// Follows the inbox for a printer, for as long as the daemon runs: whatever has ended that, such as an inbox that began anew
/// or a disk that was full at the start, it begins again a moment later, where it was. Belongs to the event loop.
final class PrinterFollower {
    private let printer: MessagePrinter
    private let followers: FollowerTable
    private let timer: LoopTimer
    private let log: Logger
    /// Between an end and the next begin.
    private let wait: Duration
    private var owner: LoopTimer.Owner?
    /// It takes messages for as long as this is kept.
    private var follower: Follower?
    private var hasSaidFailure = false

    init(
        _ printer: MessagePrinter, in followers: FollowerTable, timer: LoopTimer, log: Logger,
        wait: Duration
    ) {
        self.printer = printer
        self.followers = followers
        self.timer = timer
        self.log = log
        self.wait = wait
        owner = timer.makeOwner { [weak self] _ in self?.begin() }
        printer.onEnded = { [weak self] in self?.beginLater() }
    }

    func begin() {
        followers.follow(MessagePrinter.name, window: MessagePrinter.window, fromOldest: false, sink: printer) {
            [weak self] result in
            guard let self else { return }
            switch result {
            case .success(let follower):
                self.follower = follower
                hasSaidFailure = false
                printer.onRoom = { [weak follower] in follower?.wantsMore() }
            case .failure(let failure): cannotFollow(failure)
            }
        }
    }

    /// Nothing is begun any more.
    func stop() {
        if let owner { timer.remove(owner) }
        owner = nil
    }

    private func cannotFollow(_ failure: InboxFailure) {
        beginLater()
        guard owner != nil, !hasSaidFailure else { return }
        hasSaidFailure = true
        log.log(.error, "messages cannot be printed: \(failure.detail); tried again every \(wait.humanReadable)")
    }

    private func beginLater() {
        follower = nil
        if let owner { timer.set(timer.now + wait, for: owner) }
    }
}
