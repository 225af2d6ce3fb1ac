import CLinux
import Glibc
import MPushModel
import MPushPlatform

extension InboxClock {
    /// The clocks of this machine.
    package static var system: InboxClock {
        let bootID = currentBootID
        return InboxClock(
            read: { Reading(wall: BootClock.wall(), boot: BootClock.now(), bootID: bootID) },
            isSynchronised: { isWallClockSynchronised })
    }

    /// random(4). A service whose unit hides it (ProcSubset=pid) is told in its environment.
    private static var currentBootID: String? {
        let file = (try? FileSystem.read("/proc/sys/kernel/random/boot_id", maximum: 64)) ?? []
        let text =
            file.isEmpty ? getenv("MPUSHD_BOOT_ID").map { String(cString: $0) } : String(decoding: file, as: UTF8.self)
        // systemd and the kernel write it with and without hyphens.
        let id = text?.filter(\.isHexDigit).lowercased()
        return id?.count == 32 ? id : nil
    }

    /// The kernel's word (adjtimex(2)); where a sandbox keeps that back, the mark that systemd-timesyncd sets in each boot.
    private static var isWallClockSynchronised: Bool {
        switch clinux_clock_is_synchronised() {
        case 1: true
        case 0: false
        default: access("/run/systemd/timesync/synchronized", F_OK) == 0
        }
    }
}
