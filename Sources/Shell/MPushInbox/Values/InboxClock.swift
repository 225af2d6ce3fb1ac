import CLinux
import Glibc
package import MPushModel
package import MPushPlatform

/// The clocks that the inbox goes by, handed in so that tests can set them.
package struct InboxClock: Sendable {
    /// What they show at one moment.
    package struct Reading: Equatable, Sendable {
        /// For people. Never trusted to have been right before.
        package var wall: WallTime
        /// The time since the boot.
        package var boot: Instant
        /// Which boot that is; nil where nobody says.
        package var bootID: String?

        package init(wall: WallTime, boot: Instant, bootID: String?) {
            self.wall = wall
            self.boot = boot
            self.bootID = bootID
        }
    }

    /// Reads them.
    package let read: @Sendable () -> Reading
    /// Whether the wall clock is known to be right; false where nobody says.
    package let isSynchronised: @Sendable () -> Bool

    package init(read: @escaping @Sendable () -> Reading, isSynchronised: @escaping @Sendable () -> Bool) {
        self.read = read
        self.isSynchronised = isSynchronised
    }
}

extension InboxClock {
    /// The clocks of this machine.
    package static func system(_ clock: any ClockSource) -> InboxClock {
        let bootID = currentBootID
        return InboxClock(
            read: { Reading(wall: clock.wall, boot: clock.now, bootID: bootID) },
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
