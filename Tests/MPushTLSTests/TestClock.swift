import MPushModel
import Synchronization

/// Both clocks of a test: what time passes is said.
final class TestClock: Sendable {
    private let state = Mutex((now: Instant.zero + .seconds(1000), wall: TestAuthorities.year(2040)))

    /// For those who are handed a clock.
    var read: @Sendable () -> (now: Instant, wall: WallTime) { { self.state.withLock { $0 } } }

    /// Both clocks go on.
    func pass(_ duration: Duration) {
        state.withLock { state in
            state.now += duration
            state.wall = WallTime(
                millisecondsSince1970: state.wall.millisecondsSince1970 + duration.components.seconds * 1000)
        }
    }

    /// The wall clock alone leaps.
    func leap(to wall: WallTime) {
        state.withLock { $0.wall = wall }
    }
}
