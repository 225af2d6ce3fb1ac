import CLinux
import Glibc
import MPushControl
import MPushLocalAPI
import MPushModel
import MPushWorld

/// Looks how much memory is kept, day after day: what comes and goes must leave nothing behind.
///
/// It counts what the whole process has allocated, for the world has one heap. Nothing of the world itself grows while no
/// process dies, but for its disk and its ledger; one that is killed in the middle of things does leave its remains behind,
/// so a new count begins then.
final class MemoryWatch {
    private static let pause = Duration.seconds(6 * 3600)
    /// After this, what is filled once (caches, statements, tables of metadata) is full.
    private static let warmUp = Duration.seconds(86_400)
    /// What is kept of a message beside the room that it takes on the disk: what the ledger knows of it, and of its files
    /// what is durable.
    private static let bytesOfPush = 12 << 10
    /// What may come and go.
    private static let room = 1 << 20

    private let device: Device
    private let ledger: Ledger
    /// How many processes the world has had when the count began.
    private var processes = 0
    private var since = Duration.zero
    /// What the heap had after the warm-up, without what may grow.
    private var before: Int?

    init(of device: Device) {
        self.device = device
        ledger = device.ledger
    }

    func start() {
        device.scheduler.schedule(in: MemoryWatch.pause) { [self] in
            look()
            start()
        }
    }

    private func look() {
        let (now, processes) = (device.scheduler.elapsed, device.scheduler.processes)
        guard processes == self.processes, device.service?.inboxStatus.waiting == 0 else {
            if processes != self.processes { (self.processes, since, before) = (processes, now, nil) }
            return
        }
        guard now - since >= MemoryWatch.warmUp else { return }
        let heap = mallinfo2()
        let mayGrow =
            device.disk.heldBytes + device.scheduler.trace.heldBytes
            + MemoryWatch.bytesOfPush * ledger.pushes.count
        let kept = Int(heap.uordblks + heap.hblkhd)
        guard let before else {
            before = kept - mayGrow
            return
        }
        if kept - mayGrow - before > MemoryWatch.room {
            ledger.report(
                "memory is given back",
                "\(kept - mayGrow - before) bytes more than \(now - since - MemoryWatch.warmUp) ago, and no process has died"
            )
        }
    }
}
