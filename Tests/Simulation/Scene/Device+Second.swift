import Glibc
import MPushControl
import MPushLocalAPI
import MPushModel
import MPushPlatform
import MPushWorld

/// A second daemon on the state directory of the first: it ends before it does anything, and says who has the directory.
extension Device {
    func startSecond() {
        // Only a first one that can write has the directory for sure, and nobody can look at one that cannot be read.
        guard let service, service.inboxStatus.failure == nil, disk.troubles == DiskTroubles() else { return }
        let process = disk.process("a second mpushd")
        defer { process.crash() }
        do {
            let second = try makeDaemon(process, machine.threads)
            scheduler.bury(second)
            ledger.report(
                "one daemon a directory", "a second daemon got \(Device.stateDirectory), which the first one has")
        } catch let refusal as StateDirectory.Refusal where refusal.exitCode == EX_TEMPFAIL {
            guard !startedInTrouble, !refusal.text.contains("in use by process ") else { return }
            ledger.report("one daemon a directory", "a second daemon does not say who has it: \(refusal.text)")
        } catch {
            ledger.report("one daemon a directory", "a second daemon is refused for another reason: \(error)")
        }
    }

    /// The lock of a daemon that is gone is gone with it.
    func checkRefusal(_ error: any Error) {
        guard let refusal = error as? StateDirectory.Refusal, refusal.exitCode == EX_TEMPFAIL else { return }
        ledger.report("one daemon a directory", "the only daemon is refused: \(refusal.text)")
    }
}

extension Trouble {
    static var second: [Trouble] {
        [
            Trouble("a second daemon is started", isDeed: true) { world in world.device.startSecond() },
            Trouble("the daemon is killed, and another one started at once") { world in
                world.device.kill()
                world.device.start()
            },
        ]
    }
}
