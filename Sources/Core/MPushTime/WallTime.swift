/// A reading of the wall clock (`CLOCK_REALTIME`). Only for people and for expiry dates that a server gave: it jumps
/// when somebody sets it, so no wait is ever computed from it.
package struct WallTime: Hashable, Comparable, Sendable {
    /// Milliseconds since 1970-01-01 00:00:00 UTC, leap seconds not counted.
    package let millisecondsSince1970: Int64

    /// The time `millisecondsSince1970` after the epoch.
    package init(millisecondsSince1970: Int64) {
        self.millisecondsSince1970 = millisecondsSince1970
    }

    package static func < (left: WallTime, right: WallTime) -> Bool {
        left.millisecondsSince1970 < right.millisecondsSince1970
    }
}
