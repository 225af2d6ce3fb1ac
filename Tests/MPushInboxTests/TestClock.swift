import MPushModel
import NIOConcurrencyHelpers

@testable import MPushInbox

/// Clocks that a test moves.
final class TestClock: Sendable {
    private struct State {
        var reading = InboxClock.Reading(wall: .now, boot: Instant(sinceBoot: .seconds(1000)), bootID: "first")
        var isSynchronised = true
    }

    private let state = NIOLockedValueBox(State())

    var asInboxClock: InboxClock {
        InboxClock(
            read: { [state] in state.withLockedValue { $0.reading } },
            isSynchronised: { [state] in state.withLockedValue { $0.isSynchronised } })
    }

    var reading: InboxClock.Reading { state.withLockedValue { $0.reading } }

    var wall: WallTime {
        get { reading.wall }
        set { state.withLockedValue { $0.reading.wall = newValue } }
    }

    var isSynchronised: Bool {
        get { state.withLockedValue { $0.isSynchronised } }
        set { state.withLockedValue { $0.isSynchronised = newValue } }
    }

    /// Time passes, and both clocks show it.
    func pass(_ duration: Duration) {
        leap(duration)
        state.withLockedValue { $0.reading.boot += duration }
    }

    /// Somebody sets the wall clock.
    func leap(_ duration: Duration) {
        state.withLockedValue {
            $0.reading.wall = WallTime(
                millisecondsSince1970: $0.reading.wall.millisecondsSince1970 + duration.wholeMilliseconds)
        }
    }

    /// The machine was off, and shows another time than before by `leap`.
    func boot(_ id: String?, leap duration: Duration, isSynchronised: Bool) {
        leap(duration)
        state.withLockedValue {
            $0.reading.boot = Instant(sinceBoot: .seconds(20))
            $0.reading.bootID = id
            $0.isSynchronised = isSynchronised
        }
    }
}
