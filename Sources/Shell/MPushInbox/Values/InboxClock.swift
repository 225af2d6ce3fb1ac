package import MPushModel

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
