import MPushControl
import MPushLocalAPI
import MPushModel
import MPushWorld

/// Looks at the inbox again and again: what it says of its disk has to be true, whatever is wrong with that.
final class InboxWatch {
    private static let pause = Duration.seconds(10)
    /// How soon a disk that is well has to be used again: it is tried every 5 s, after what had hung.
    private static let recovery = Duration.seconds(60)
    /// After how long it has to be said that nothing comes back from it: 10 s, and what it takes to be sure.
    private static let silence = Duration.seconds(30)

    private let device: Device
    private let ledger: Ledger
    /// The daemon's run that this is about.
    private var run = 0
    /// Since when something is said of a disk that is well, and since when one hangs, by the clock that stands still while
    /// the machine sleeps.
    private var wellSince: Duration?
    private var hangsSince: Duration?
    /// Whether it was said of a disk that takes nothing that it takes nothing.
    private var isKnownReadOnly = false

    init(of device: Device) {
        self.device = device
        ledger = device.ledger
    }

    func start() {
        device.scheduler.schedule(in: InboxWatch.pause) { [self] in
            look()
            start()
        }
    }

    private func look() {
        guard let service = device.service, device.hasPower, !device.machine.loop.isAsleep, run == device.starts else {
            run = device.starts
            (wellSince, hangsSince, isKnownReadOnly) = (nil, nil, false)
            return
        }
        let (status, troubles) = (service.inboxStatus, device.disk.troubles)
        let now = device.machine.clock.monotonic
        if device.disk.counts.temporaries > 0 {
            ledger.report("no temporary files", "SQLite has made a file of its own, where there may be no room for one")
        }
        let says = status.failure.map { "\($0.kind.rawValue): \($0.detail)" } ?? "nothing"

        let isWell = troubles == DiskTroubles() && device.threadShortage == nil
        // A trouble may have come and gone since the last look: what counts is how long it is said of a disk that is well.
        wellSince = isWell && status.failure != nil ? wellSince ?? now : nil
        if let wellSince, now - wellSince >= InboxWatch.recovery {
            ledger.report("a good disk is used again", "after \(now - wellSince) of a disk that is well: \(says)")
        }

        let isStuck = troubles.isHanging && status.waiting > 0
        hangsSince = isStuck ? hangsSince ?? now : nil
        if let hangsSince, now - hangsSince >= InboxWatch.silence, status.failure == nil {
            ledger.report(
                "a bad disk is said",
                "\(status.waiting) messages wait for a disk that has hung for \(now - hangsSince), and nothing is said")
        }

        // Of one that is full there may be some room left inside the database; of this one there is nothing to be had.
        if !troubles.isReadOnly {
            isKnownReadOnly = false
        } else if let failure = status.failure {
            if failure.kind != .stuck { isKnownReadOnly = true }
        } else if isKnownReadOnly {
            ledger.report("a bad disk is said", "it cannot be written, which was known, and now nothing is said of it")
        }
    }
}
